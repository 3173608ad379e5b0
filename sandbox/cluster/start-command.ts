/** How a container starts, as its Dockerfile's last CMD or ENTRYPOINT says, in words. */
export type StartCommand =
  | { runtime: "python"; module: string; words: string[] }
  | { runtime: "node"; words: string[] }
  | { runtime?: undefined; problem: string };

/** The last CMD (in exec form) of a Dockerfile, in the form in which the sandbox can run it on this machine. */
export function startCommand(dockerfile: string): StartCommand {
  const words = execForm(dockerfile, "CMD");
  const entry = execForm(dockerfile, "ENTRYPOINT") ?? [];
  if (words === undefined && entry.length === 0)
    return { problem: 'its Dockerfile has no CMD in exec form, as CMD ["program", "word"]' };
  const [program = "", ...rest] = [...entry, ...(words ?? [])];
  if (program === "uvicorn") return { runtime: "python", module: "uvicorn", words: withoutAddress(rest) };
  if (/^python3?$/.test(program) && rest[0] === "-m" && rest[1] === "uvicorn")
    return { runtime: "python", module: "uvicorn", words: withoutAddress(rest.slice(2)) };
  if (program === "node" && rest.length > 0) return { runtime: "node", words: rest };
  return { problem: `the sandbox runs uvicorn and node, not "${program}"` };
}

function execForm(dockerfile: string, instruction: string): string[] | undefined {
  const lines = dockerfile
    .split(/\r?\n/)
    .filter((line) => !/^\s*#/.test(line))
    .join("\n")
    .replaceAll(/\\[ \t]*\n/g, " ")
    .split("\n");
  const last = lines.findLast((line) => new RegExp(String.raw`^\s*${instruction}\s`, "i").test(line));
  if (last === undefined) return undefined;
  try {
    const words = JSON.parse(last.slice(last.indexOf("["))) as unknown;
    return Array.isArray(words) && words.every((word) => typeof word === "string") ? words : undefined;
  } catch {
    return undefined;
  }
}

/** The address is the sandbox's own choice. */
function withoutAddress(words: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (/^--(host|port|uds|fd|workers)=/.test(word)) continue;
    if (/^--(host|port|uds|fd|workers)$/.test(word)) at += 1;
    else if (word !== "--reload") kept.push(word);
  }
  return kept;
}
