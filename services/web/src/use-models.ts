import { useCallback, useEffect, useReducer, useRef } from "react";
import { ApiError, fetchModels, fetchStatus } from "./api.ts";
import { initial, type Outcome, reduce, type State } from "./state.ts";

/** Milliseconds between two looks; none are taken while nobody sees the page. */
const INTERVAL = 10_000;

/** The page's state, kept up to date, and a function that looks again at once. */
export function useModels(): { state: State; refresh: () => void } {
  const [state, dispatch] = useReducer(reduce, initial);
  const running = useRef<AbortController>(undefined);

  const refresh = useCallback(() => {
    running.current?.abort();
    const controller = (running.current = new AbortController());
    dispatch({ type: "asked" });
    const both = [outcome(fetchModels(controller.signal)), outcome(fetchStatus(controller.signal))] as const;
    void Promise.all(both).then(([models, status]) => {
      if (!controller.signal.aborted) dispatch({ type: "answered", models, status, at: new Date() });
    });
  }, []);

  useEffect(() => {
    refresh();
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") refresh();
    }, INTERVAL);
    return () => {
      clearInterval(timer);
      running.current?.abort();
    };
  }, [refresh]);

  return { state, refresh };
}

async function outcome<T>(answer: Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await answer };
  } catch (error) {
    return { problem: error instanceof ApiError ? error.message : "Something went wrong on this page." };
  }
}
