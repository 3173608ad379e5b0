/** One problem in the form that every validator of the program uses. */
export function problem(field: string, got: unknown, rule: string, action: string): string {
  return `\`${field}\`: got ${JSON.stringify(got)}, expected ${rule}. ${action}`;
}
