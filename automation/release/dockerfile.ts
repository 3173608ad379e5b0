/**
 * The image that the last stage of a Dockerfile is built on, followed through stage names and `ARG` defaults that stand
 * before the first `FROM`. Undefined without any `FROM`.
 */
export function baseImage(dockerfile: string): string | undefined {
  const defaults = new Map<string, string>();
  const stages = new Map<string, string>();
  let last: string | undefined;
  for (const line of logicalLines(dockerfile)) {
    const argument = /^ARG\s+(\w+)=["']?([^"'\s]*)["']?/iu.exec(line);
    if (argument?.[1] && last === undefined) defaults.set(argument[1], argument[2] ?? "");
    const from = /^FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/iu.exec(line);
    if (!from?.[1]) continue;
    const image = withDefaults(from[1], defaults);
    last = stages.get(image.toLowerCase()) ?? image;
    if (from[2]) stages.set(from[2].toLowerCase(), last);
  }
  return last;
}

function logicalLines(text: string): string[] {
  const withoutComments = text.split(/\r?\n/u).filter((line) => !/^\s*#/u.test(line));
  return withoutComments
    .join("\n")
    .replaceAll(/\\[ \t]*\n/gu, " ")
    .split("\n")
    .map((line) => line.trim());
}

function withDefaults(image: string, defaults: ReadonlyMap<string, string>): string {
  return image.replaceAll(/\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))/gu, (whole, braced, fallback, plain) => {
    const name = String(braced ?? plain);
    return defaults.get(name) ?? (fallback as string | undefined) ?? String(whole);
  });
}
