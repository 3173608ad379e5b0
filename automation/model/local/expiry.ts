const second = 1000;
const units = { W: 7 * 86_400 * second, D: 86_400 * second, H: 3600 * second, M: 60 * second, S: second };

/** `P30D`, `P4DT12H`, `T12H` in milliseconds. Undefined for anything else: years and months have no fixed length. */
export function expiryMs(text: string): number | undefined {
  const match = /^P?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/i.exec(text);
  const amounts = match?.slice(1) ?? [];
  if (amounts.every((amount) => amount === undefined)) return undefined;
  return Object.values(units).reduce((total, length, at) => total + length * Number(amounts[at] ?? 0), 0);
}
