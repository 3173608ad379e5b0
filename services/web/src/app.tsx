import { time } from "./format.ts";
import { ModelsTable } from "./models-table.tsx";
import { rowsOf } from "./rows.ts";
import { announcement, type State } from "./state.ts";
import { Summary } from "./summary.tsx";
import { useModels } from "./use-models.ts";

/** The whole page, with its data. */
export function App() {
  const { state, refresh } = useModels();
  return <Page state={state} onRefresh={refresh} />;
}

/** The whole page from its state. */
export function Page({ state, onRefresh }: { state: State; onRefresh: () => void }) {
  return (
    <>
      <a className="skip" href="#models">
        Skip to the models
      </a>
      <header className="banner">
        <p className="product">Slipway</p>
        {state.status && <p className="environment">{state.status.environment}</p>}
      </header>
      <main>
        <div className="heading">
          <h1 id="title">Models</h1>
          <p className="quiet">{state.updated ? `Updated ${time(state.updated)}` : ""}</p>
          <button type="button" onClick={onRefresh} aria-disabled={state.loading}>
            Refresh
          </button>
        </div>
        <p className="unseen" role="status" aria-live="polite">
          {announcement(state)}
        </p>
        {state.problem !== undefined && <Problem state={state} />}
        <Summary status={state.status} problem={state.statusProblem} loading={state.loading} />
        <section id="models" tabIndex={-1} aria-labelledby="title" aria-busy={state.loading}>
          <Models state={state} />
        </section>
      </main>
    </>
  );
}

function Problem({ state }: { state: State }) {
  return (
    <div className="problem">
      <h2>Models could not be loaded</h2>
      <p>{state.problem}</p>
      <p>
        {state.updated
          ? `What is shown below is from ${time(state.updated)}. The page keeps trying.`
          : "The page keeps trying."}
      </p>
    </div>
  );
}

function Models({ state }: { state: State }) {
  if (state.models === undefined)
    return state.problem === undefined ? <p className="panel loading">Loading models…</p> : null;
  if (state.models.length > 0) return <ModelsTable rows={rowsOf(state.models, state.status)} />;
  return (
    <div className="panel empty">
      <h2>No models yet</h2>
      <p>A model is listed here once its pipeline has registered a first version.</p>
    </div>
  );
}
