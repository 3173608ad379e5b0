/** "0.4 s", "12 s", "3 min 5 s", "2 h 10 min", "4 d 3 h". */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}

/** "2026-03-01 12:00 UTC" from an ISO time. */
export const moment = (iso: string) => `${iso.slice(0, 16).replace("T", " ")} UTC`;

/** How long ago, in words. */
export const ago = (iso: string, now: Date) => `${duration(Math.max(0, (now.getTime() - Date.parse(iso)) / 1000))} ago`;
