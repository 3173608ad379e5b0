/** An object of members that are JSON already: values of JavaScript would lose the order of keys such as "1". */
export function jsonObject(members: Readonly<Record<string, string | undefined>>): string {
  const kept = Object.entries(members).filter(([, text]) => text !== undefined);
  return `{${kept.map(([name, text]) => `${JSON.stringify(name)}:${text ?? "null"}`).join(",")}}`;
}
