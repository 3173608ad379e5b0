import { html, type Content, type Markup } from "../report/metrics-markup.ts";
import { short } from "../report/release.ts";
import { plural } from "../report/text.ts";
import { duration } from "../report/time.ts";
import type { Board, Column, Running, Waiting } from "./model.ts";
import { coarseAgo, command, line, opening, slug, stateText, time } from "./parts.ts";

/** One environment: what stands, what runs, what waits and why, and what was found wrong. */
export function columnSection(column: Column, { at }: Board): Markup {
  const { environment, state, problem, running, frozen, held, override } = column;
  const id = `environment-${slug(environment)}`;
  return html`<article class="column ${state.tone}" id="${id}" aria-labelledby="${id}-name">
    <h3 id="${id}-name"><span>${environment}</span>${stateText(state)}</h3>
    ${problem && html`<p class="bad">${problem.message}</p>`}${problem?.next !== undefined && command(problem.next)}
    ${standing(column, at)}${running && runningBlock(running, id)}
    ${frozen !== undefined && html`<p class="odd">Frozen: ${frozen}</p>`}
    ${held !== undefined && html`<p class="odd">Workflows wait for a person: ${held}</p>`}
    ${override && html`<p class="odd">${override.by} overrode ${override.gates.join(", ")}: ${override.reason}</p>`}
    ${waitingBlock(column, id)}${checksBlock(column, id)}${driftBlock(column, id, at)}
  </article>`;
}

const fact = (name: string, value: Content): Markup =>
  html`<dt>${name}</dt>
    <dd>${value}</dd>`;

function standing({ current, subject, seconds, problem }: Column, at: string): Content {
  if (current === undefined) return problem === undefined && html`<p class="quiet">Nothing stands here.</p>`;
  const { release, commit, since, resources } = current;
  return html`<dl class="facts">
    ${
      (release !== undefined || commit === undefined) &&
      fact("release", release === undefined ? "a working tree" : html`<code>${short(release)}</code>`)
    }
    ${commit !== undefined && fact("commit", html`<code>${short(commit)}</code> ${subject}`)}
    ${fact("since", html`${time(since)}, ${coarseAgo(since, at)}`)}
    ${resources !== undefined && fact("resources", resources)}
    ${seconds !== undefined && fact("took", duration(seconds))}
  </dl>`;
}

/** Active resources that are named; the others are counted. */
const mostActive = 5;

function runningBlock({ verb, by, host, release, seconds, lost, progress, expected }: Running, id: string): Markup {
  const what = html`${verb}${release !== undefined && html` of <code>${short(release)}</code>`}`;
  return html`<div class="running" id="${id}-running">
    <p><strong>${what}</strong> by ${by} on ${host}, for ${duration(Math.max(seconds, 0))}</p>
    ${lost && html`<p class="odd">Its lease ran out: the driver is gone. The next operation here settles it.</p>`}
    ${progress && !lost && progressLines(progress, expected)}
    ${progress === undefined && !lost && html`<p class="quiet">Its progress is written on the machine that runs it.</p>`}
  </div>`;
}

function progressLines(
  { counts, finished, active, ended }: NonNullable<Running["progress"]>,
  expected: number | undefined,
): Markup {
  const total = expected === undefined ? undefined : Math.max(expected, finished + active.length);
  const bar =
    total !== undefined && !ended
      ? html`<progress aria-label="resources" max="${total}" value="${finished}"></progress>`
      : undefined;
  const left = active.length - mostActive;
  return html`<p>${ended ? html`The engine has ended: ${counts}. Delivering and verifying.` : counts}</p>
    ${bar}
    <ul class="lines">
      ${active.slice(0, mostActive).map(({ op, name, type }) => line("plain", html`${op} ${name} <span class="quiet">${type}</span>`))}
      ${left > 0 && line("quiet", `${left} more`)}
    </ul>`;
}

const saidWords = { pass: "passes", refuse: "refuses", overridden: "is overridden" } as const;
const gateTones = { pass: "good", refuse: "bad", overridden: "odd" } as const;

function waitingBlock({ waiting }: Column, id: string): Content {
  if (waiting === undefined) return undefined;
  if ("message" in waiting)
    return html`<h4>Next</h4>
      <p class="odd">The gates could not be asked: ${waiting.message}</p>
      ${waiting.next !== undefined && command(waiting.next)}`;
  const { from, release, commit, subject, decisions, refused } = waiting;
  const verdict =
    refused === 0
      ? { tone: "good" as const, text: "every gate lets it pass" }
      : { tone: "bad" as const, text: `${refused} of ${plural(decisions.length, "gate")} refuse it` };
  const gates = html`<ul class="lines">
    ${[...decisions]
      .sort((left, right) => Number(right.verdict === "refuse") - Number(left.verdict === "refuse"))
      .map(({ gate, verdict: said, reason, next }) =>
        line(gateTones[said], html`<b>${gate}</b> ${saidWords[said]}: ${reason}${next !== undefined && command(next)}`),
      )}
  </ul>`;
  return html`<h4>Next, from ${from}</h4>
    <p><code>${short(release)}</code>, commit <code>${short(commit)}</code> ${subject}</p>
    ${opening(`${id}-gates`, stateText(verdict), gates, refused > 0)}${refused === 0 && command(commandOf(waiting))}`;
}

const commandOf = (waiting: Waiting): string => waiting.command;

function checksBlock({ checks, current }: Column, id: string): Content {
  if (current === undefined || checks.length === 0) return undefined;
  const passed = checks.filter((check) => check.passed).length;
  const tone = passed === checks.length ? ("good" as const) : ("bad" as const);
  const list = html`<ul class="lines">
    ${checks.map(({ name, kind, passed: fine, seconds, message }) =>
      line(
        fine ? "good" : "bad",
        html`${fine ? "passed" : "failed"}: ${name} <span class="quiet">${kind}, ${duration(seconds)}</span>${
            message !== undefined && message !== "" && html` ${message}`
          }`,
      ),
    )}
  </ul>`;
  return opening(
    `${id}-checks`,
    stateText({ tone, text: `${passed} of ${plural(checks.length, "check")} passed` }),
    list,
    passed < checks.length,
  );
}

function driftBlock({ drift, current, environment }: Column, id: string, at: string): Content {
  if (drift === undefined)
    return (
      current &&
      html`<p class="quiet">Nobody has looked for drift.</p>
        ${command(`./slipway drift ${environment}`)}`
    );
  const { total, findings, next, outdated } = drift;
  const looked = html`looked ${coarseAgo(drift.at, at)}${outdated && ", before what stands now"}`;
  if (total === 0)
    return html`<p>${stateText({ tone: "good", text: "no drift" })} <span class="quiet">${looked}</span></p>`;
  const list = html`<p class="quiet">${looked}</p>
    <ul class="lines">
      ${findings.map((finding) => line("bad", finding))}${total > findings.length && line("quiet", `${total - findings.length} more`)}
      ${next.map((step) => line("plain", step))}
    </ul>`;
  return opening(`${id}-drift`, stateText({ tone: "bad", text: `drift: ${plural(total, "finding")}` }), list);
}
