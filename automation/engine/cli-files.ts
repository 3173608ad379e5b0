/** The executables that an installation of the CLI consists of. */
export const CLI_NAME = process.platform === "win32" ? "pulumi.exe" : "pulumi";
export const LANGUAGE_HOST_NAME =
  process.platform === "win32" ? "pulumi-language-nodejs.exe" : "pulumi-language-nodejs";
