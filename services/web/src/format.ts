const counts = new Intl.NumberFormat("en");
const figures = new Intl.NumberFormat("en", { maximumSignificantDigits: 5 });
const percents = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 2 });
const shares = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 0 });

/** A whole number, e.g. `12,345`. */
export const count = (value: number) => counts.format(value);
/** A measured value in five digits, e.g. `41,250`. */
export const figure = (value: number) => figures.format(value);
/** A rate from 0 to 1, e.g. `0.25%`. */
export const percent = (value: number) => percents.format(value);
/** A part from 0 to 1 in whole percent, e.g. `10%`. */
export const share = (value: number) => shares.format(value);
/** Time of the day, in the reader's own zone. */
export const time = (value: Date) => value.toLocaleTimeString("en-GB");
