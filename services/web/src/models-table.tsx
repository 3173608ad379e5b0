import { count, figure, percent, share } from "./format.ts";
import type { Row } from "./rows.ts";

const COLUMNS = ["Model", "Version", "Status", "Stage", "Traffic", "Evaluation", "Predictions", "Error rate"];
const NUMBERS = new Set(["Predictions", "Error rate"]);

/** One line per model version. */
export function ModelsTable({ rows }: { rows: readonly Row[] }) {
  return (
    <div className="panel scroll" tabIndex={0} role="region" aria-label="Table of models">
      <table>
        <caption className="unseen">Model versions with their status, canary state and serving figures</caption>
        <thead>
          <tr>
            {COLUMNS.map((name) => (
              <th key={name} scope="col" className={NUMBERS.has(name) ? "number" : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Line key={row.key} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Line({ row }: { row: Row }) {
  return (
    <tr>
      <th scope="row">{row.name}</th>
      <td className="version">{row.version}</td>
      <td>
        <span className={`badge ${row.status}`}>{row.status}</span>
      </td>
      <td>{row.stage ?? <Nothing />}</td>
      <td>
        <Traffic row={row} />
      </td>
      <td>
        <Evaluation metrics={row.metrics} />
      </td>
      <td className="number">{row.requests === undefined ? <Nothing /> : count(row.requests)}</td>
      <td className="number">{row.errorRate === undefined ? <Nothing /> : percent(row.errorRate)}</td>
    </tr>
  );
}

/** The canary badge, a bar with the planned part of the traffic, and what was seen of it. */
function Traffic({ row }: { row: Row }) {
  if (row.role === "none") return <Nothing />;
  const part = row.observed ?? row.planned;
  const words = [
    row.planned === undefined ? "" : `${share(row.planned)} planned`,
    row.observed === undefined ? "" : `${share(row.observed)} seen`,
  ].filter((text) => text !== "");
  return (
    <div className={`traffic ${row.role}`}>
      <span className={`badge ${row.role}`}>{row.role}</span>
      {part !== undefined && (
        <progress max={1} value={part} aria-label={`Part of the traffic of ${row.name} ${row.version}`}>
          {share(part)}
        </progress>
      )}
      {words.length > 0 && <span className="quiet">{words.join(", ")}</span>}
    </div>
  );
}

function Evaluation({ metrics }: Pick<Row, "metrics">) {
  if (metrics.length === 0) return <Nothing />;
  return (
    <ul className="metrics">
      {metrics.map(([name, value]) => (
        <li key={name}>
          <span className="quiet">{name}</span> {figure(value)}
        </li>
      ))}
    </ul>
  );
}

/** Nothing is known, in a way that is heard as well as seen. */
function Nothing() {
  return (
    <>
      <span aria-hidden="true" className="quiet">
        –
      </span>
      <span className="unseen">not known</span>
    </>
  );
}
