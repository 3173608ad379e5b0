import assert from "node:assert/strict";
import fc from "fast-check";
import { runStacks, type StackTask } from "../../automation/deploy/stack-graph.ts";
import { SlipwayError } from "../../automation/errors.ts";

const task = (
  stack: string,
  needs: string[],
  run: () => Promise<string> = () => Promise.resolve(stack),
): StackTask<string> => ({
  stack,
  needs,
  run,
});

const broken = () => Promise.reject(new Error("broken"));

describe("work on several stacks", () => {
  it("is done in the order of needs and told in the order of tasks", async () => {
    const order: string[] = [];
    const noted = (stack: string, needs: string[]) =>
      task(stack, needs, () => {
        order.push(stack);
        return Promise.resolve(stack);
      });
    const outcomes = await runStacks(
      [noted("prod", ["staging"]), noted("staging", ["dev"]), noted("dev", ["elsewhere"])],
      3,
    );
    assert.deepEqual(order, ["dev", "staging", "prod"]);
    assert.deepEqual(
      outcomes.map(({ stack, state }) => [stack, state]),
      [
        ["prod", "done"],
        ["staging", "done"],
        ["dev", "done"],
      ],
    );
  });

  it("goes on beside a failure, and skips what needed it", async () => {
    const outcomes = await runStacks([task("a", [], broken), task("b", ["a"]), task("c", ["b"]), task("d", [])], 2);
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.state === "skipped" ? [outcome.state, outcome.because] : [outcome.state])),
      [["failed"], ["skipped", "a"], ["skipped", "b"], ["done"]],
    );
  });

  it("refuses stacks that need each other before anything runs", async () => {
    let ran = false;
    const noted = () => {
      ran = true;
      return Promise.resolve("");
    };
    await assert.rejects(
      runStacks([task("a", ["b"], noted), task("b", ["a"], noted), task("c", [], noted)], 2),
      (error) => error instanceof SlipwayError && error.message === "These stacks need each other: a, b.",
    );
    assert.equal(ran, false);
  });

  it("never runs more than the limit, never before its needs, and ends every stack exactly once", async () => {
    const graph = fc.array(fc.record({ needs: fc.array(fc.nat(), { maxLength: 3 }), fails: fc.boolean() }), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(graph, fc.integer({ min: 1, max: 6 }), async (nodes, limit) => {
        let running = 0;
        let most = 0;
        const done = new Set<string>();
        const tasks = nodes.map(({ needs, fails }, index): StackTask<string> => {
          const named = index === 0 ? [] : needs.map((need) => `s${need % index}`);
          return task(`s${index}`, named, async () => {
            assert.ok(named.every((need) => done.has(need)));
            most = Math.max(most, (running += 1));
            await new Promise(setImmediate);
            running -= 1;
            if (fails) throw new Error("broken");
            done.add(`s${index}`);
            return "";
          });
        });
        const outcomes = await runStacks(tasks, limit);
        assert.equal(outcomes.length, nodes.length);
        assert.ok(most <= limit);
        assert.equal(outcomes.filter(({ state }) => state === "done").length, done.size);
      }),
    );
  });
});
