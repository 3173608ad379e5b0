import { isDeepStrictEqual } from "node:util";
import type { Board } from "./model.ts";
import { newsOf } from "./news.ts";
import type { BoardSource } from "./server.ts";

export interface WatchOptions {
  /** Milliseconds between two looks while somebody follows, and how old a board may be that is handed out. */
  everyMs: number;
  /** Told of a look that failed; the next one may do better. */
  onFailure(error: unknown): void;
}

type Listener = Parameters<BoardSource["follow"]>[0];

/** Looks again and again while somebody follows, one look at a time, and tells what differs. */
export function watchBoard(
  look: () => Promise<Board>,
  { everyMs, onFailure }: WatchOptions,
): BoardSource & { close(): void } {
  const listeners = new Set<Listener>();
  const looks = sharedLooks(look, (before, board) => {
    for (const listener of [...listeners]) listener(board, newsOf(before, board));
  });
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const schedule = () => {
    if (closed || timer !== undefined || listeners.size === 0) return;
    timer = setTimeout(() => void lookAgain(), everyMs);
  };
  const lookAgain = async () => {
    await looks.refresh().catch(onFailure);
    timer = undefined;
    schedule();
  };
  return {
    current: () => looks.within(everyMs),
    follow(listener) {
      listeners.add(listener);
      schedule();
      return () => void listeners.delete(listener);
    },
    close() {
      closed = true;
      clearTimeout(timer);
      listeners.clear();
    },
  };
}

/** One look at a time, whoever asks; two that differ are told. */
function sharedLooks(look: () => Promise<Board>, onChange: (before: Board, board: Board) => void) {
  let last: { board: Board; at: number } | undefined;
  let looking: Promise<Board> | undefined;
  const lookNow = async () => {
    try {
      const board = await look();
      const before = last?.board;
      last = { board, at: performance.now() };
      if (before !== undefined && differs(before, board)) onChange(before, board);
      return board;
    } finally {
      looking = undefined;
    }
  };
  const refresh = () => (looking ??= lookNow());
  return {
    refresh,
    /** The last look where it is not older than that. */
    within: (ms: number): Promise<Board> =>
      last !== undefined && performance.now() - last.at < ms ? Promise.resolve(last.board) : refresh(),
  };
}

const minuteMs = 60_000;

/** The time alone changes what is shown once a minute. */
function differs({ at: before, ...left }: Board, { at: after, ...right }: Board): boolean {
  const minute = (iso: string) => Math.floor(Date.parse(iso) / minuteMs);
  return minute(before) !== minute(after) || !isDeepStrictEqual(left, right);
}
