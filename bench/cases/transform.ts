import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { ensureVenv } from "../../tools/testing/python.ts";
import { median } from "../measure.ts";
import type { Row } from "../report.ts";

const execute = promisify(execFile);
const root = path.join(import.meta.dirname, "..", "..");
const scripts = path.join(import.meta.dirname, "..", "spark");

/** Orders of a delivery, and how often each is measured: what takes a minute is far above a machine's noise. */
const sizes = [
  { orders: 100_000, rounds: 3 },
  { orders: 1_000_000, rounds: 1 },
] as const;

const say = (line: string) => void process.stderr.write(`${line}\n`);

interface Timing {
  seconds: number;
  rows: number;
}

/**
 * Rows per second of the data pipeline's transform, against PySpark with nothing around it on the same files, and how its
 * time grows with the delivery. Both run in processes of their own, turn by turn, under the same settings of Spark.
 */
export async function transformSpeed(): Promise<Row[]> {
  const folder = await mkdtemp(path.join(tmpdir(), "slipway-bench-transform-"));
  try {
    const python = await ensureVenv({ root, environment: process.env, say });
    const bench = new SparkBench(python, folder);
    const timings = new Map<number, { own: Timing[]; plain: Timing[] }>();
    for (const { orders, rounds } of sizes) {
      say(`  a sample of ${orders.toLocaleString("en-US")} orders`);
      const sample = await bench.sample(orders);
      const timing = { own: [] as Timing[], plain: [] as Timing[] };
      for (let round = 0; round < rounds; round++) {
        timing.own.push(await bench.time("transform.py", sample));
        timing.plain.push(await bench.time("plain.py", sample));
      }
      timings.set(orders, timing);
    }
    return rowsOf(timings);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

class SparkBench {
  readonly #python: string;
  readonly #folder: string;

  constructor(python: string, folder: string) {
    this.#python = python;
    this.#folder = folder;
  }

  async sample(orders: number): Promise<string> {
    const output = path.join(this.#folder, `sample-${orders}`);
    const args = ["-m", "sample", "--orders", String(orders), "--seed", "42", "--no-expected", "--output", output];
    await execute(this.#python, args, { env: this.#environment() });
    return output;
  }

  async time(script: string, sample: string): Promise<Timing> {
    const output = path.join(this.#folder, "output");
    try {
      const options = { env: this.#environment(), maxBuffer: 1 << 26 };
      const { stdout } = await execute(this.#python, [path.join(scripts, script), sample, output], options);
      const seconds = /^seconds=([\d.]+)/m.exec(stdout)?.[1];
      if (seconds === undefined) throw new Error(`${script} printed no time:\n${stdout}`);
      say(`  ${script} took ${seconds} s`);
      return { seconds: Number(seconds), rows: Number(/ rows=(\d+)/.exec(stdout)?.[1] ?? 0) };
    } finally {
      await rm(output, { recursive: true, force: true });
    }
  }

  /** One set of Spark's settings for both, so that only the code differs. */
  #environment(): NodeJS.ProcessEnv {
    const settings = {
      "spark.master": "local[2]",
      "spark.ui.enabled": "false",
      "spark.ui.showConsoleProgress": "false",
      "spark.driver.host": "127.0.0.1",
      "spark.driver.bindAddress": "127.0.0.1",
      "spark.driver.memory": "2g",
      "spark.sql.shuffle.partitions": "4",
    };
    const words = Object.entries(settings).flatMap(([name, value]) => ["--conf", `${name}=${value}`]);
    return {
      ...process.env,
      PYTHONPATH: [path.join(root, "data"), path.join(root, "data", "src")].join(path.delimiter),
      PYTHONDONTWRITEBYTECODE: "1",
      SPARK_LOCAL_IP: "127.0.0.1",
      LAKEHOUSE_SPARK_MASTER: "local[2]",
      PYSPARK_SUBMIT_ARGS: [...words, "pyspark-shell"].join(" "),
    };
  }
}

function rowsOf(timings: ReadonlyMap<number, { own: Timing[]; plain: Timing[] }>): Row[] {
  const [small, large] = sizes.map(({ orders }) => {
    const { own, plain } = timings.get(orders) ?? { own: [], plain: [] };
    const rows = own[0]?.rows ?? 0;
    return { rows, own: median(own.map(({ seconds }) => seconds)), plain: median(plain.map(({ seconds }) => seconds)) };
  });
  if (small === undefined || large === undefined) return [];
  const speed = (rows: number, seconds: number) => `${Math.round(rows / seconds).toLocaleString("en-US")} rows/s`;
  return [
    {
      name: "transform of 1M orders against plain PySpark",
      value: large.own / large.plain,
      unit: "ratio",
      target: 1.25,
      detail: `${speed(large.rows, large.own)} against ${speed(large.rows, large.plain)}`,
    },
    {
      name: "transform, 1M orders against 100k",
      value: large.own / small.own,
      unit: "ratio",
      target: 10,
      detail: `${large.own.toFixed(1)} s against ${small.own.toFixed(1)} s`,
    },
  ];
}
