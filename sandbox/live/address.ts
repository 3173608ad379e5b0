/** `https://<api>.execute-api.<region>.amazonaws.com…`, with or without a stage and a path behind it. */
const executeApi = /^(https|wss):\/\/([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?(\/.*)?$/;

/**
 * Where an address of AWS answers on this machine. The record keeps the form of AWS, for the emulator has another port with each start;
 * the emulator serves an API below a path of its own, by the API's id, because names such as `<api>.localhost` do not resolve
 * everywhere. Every other address comes back as it is.
 */
export function localAddress(url: string, endpoint: string): string {
  const [, scheme, api, path = ""] = executeApi.exec(url) ?? [];
  if (api === undefined) return url;
  const base = scheme === "wss" ? endpoint.replace(/^http/, "ws") : endpoint;
  // Without a stage in the path the emulator takes the default one; it wants at least the slash.
  return `${base}/_aws/execute-api/${api}${path === "" ? "/" : path}`;
}
