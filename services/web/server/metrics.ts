/** Requests by route, method and status, and the time they took, in the text form that Prometheus reads. */
export class Metrics {
  readonly #requests = new Map<string, number>();
  readonly #seconds = new Map<string, { sum: number; count: number }>();

  /** Counts one answer. Routes come from a fixed list, so that a caller cannot make new series. */
  count(route: string, method: string, status: number, seconds: number): void {
    const series = `route="${route}",method="${method}",status="${status}"`;
    this.#requests.set(series, (this.#requests.get(series) ?? 0) + 1);
    const time = this.#seconds.get(route) ?? { sum: 0, count: 0 };
    this.#seconds.set(route, { sum: time.sum + seconds, count: time.count + 1 });
  }

  /** All series. */
  text(): string {
    const times = [...this.#seconds].flatMap(([route, { sum, count }]) => [
      `http_request_seconds_sum{route="${route}"} ${sum}`,
      `http_request_seconds_count{route="${route}"} ${count}`,
    ]);
    return [
      "# HELP http_requests_total Requests answered",
      "# TYPE http_requests_total counter",
      ...[...this.#requests].map(([series, count]) => `http_requests_total{${series}} ${count}`),
      "# HELP http_request_seconds Time to answer",
      "# TYPE http_request_seconds summary",
      ...times,
      "",
    ].join("\n");
  }
}
