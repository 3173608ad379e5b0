import type { Status } from "./api.ts";
import { count, percent } from "./format.ts";

interface Props {
  status: Status | undefined;
  problem: string | undefined;
  loading: boolean;
}

/** Above this part of failed answers the figure is marked; the rollout's own analysis decides with its own limit. */
const MANY_ERRORS = 0.01;

/** What serves right now, in four figures. */
export function Summary({ status, problem, loading }: Props) {
  if (!status) return problem && !loading ? <p className="quiet">Serving figures are missing. {problem}</p> : null;
  const { requests, errors, error_rate: rate } = status.traffic;
  const bad = requests > 0 && rate > MANY_ERRORS;
  return (
    <section aria-label="Serving">
      <dl className="figures">
        <Figure name="Predictions" note="last 1,000 at most, of one replica" value={count(requests)} />
        <Figure
          name="Error rate"
          value={requests > 0 ? percent(rate) : "none yet"}
          note={`${count(errors)} failed${bad ? `, more than ${percent(MANY_ERRORS)}` : ""}`}
          bad={bad}
        />
        <Figure name="Answering" value={status.model ?? "nothing"} note="the model asked just now" />
        <Figure
          name="Predict service"
          value={status.predict === "ready" ? "ready" : "not ready"}
          note={status.predict === "ready" ? "its model is loaded" : status.predict}
          bad={status.predict !== "ready"}
        />
      </dl>
    </section>
  );
}

function Figure({ name, value, note, bad = false }: { name: string; value: string; note: string; bad?: boolean }) {
  return (
    <div className={bad ? "figure bad" : "figure"}>
      <dt>{name}</dt>
      <dd className="value">{value}</dd>
      <dd className="note">{note}</dd>
    </div>
  );
}
