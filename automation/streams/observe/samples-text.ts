/** Figures in the form that `streams advise --stats` reads. */
export const samplesText = (samples: readonly (readonly [processor: string, stats: readonly unknown[]])[]): string =>
  `${JSON.stringify(Object.fromEntries(samples), null, 2)}\n`;
