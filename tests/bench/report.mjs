// What was measured, as a table to read: on the terminal, as Markdown, and
// with every sample as JSON.

import { spawnSync } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { cpus, release } from "node:os"
import { join } from "node:path"
import { checkout } from "../lib/site.mjs"

const BUSY = 0.1 // of the machine, from which on others disturb

const sorted = (numbers) => [...numbers].sort((a, b) => a - b)

export function median(numbers) {
  const all = sorted(numbers)
  const middle = Math.floor(all.length / 2)
  return all.length % 2 === 1 ? all[middle] : (all[middle - 1] + all[middle]) / 2
}

function format(number) {
  if (number === undefined) return ""
  if (Math.abs(number) >= 100) return number.toFixed(0)
  return number.toFixed(Math.abs(number) >= 10 ? 1 : 2)
}

function judge(target, value, ratio) {
  if (!target) return { target: "", met: "" }
  const [[kind, bound]] = Object.entries(target)
  const number = kind.endsWith("Ratio") ? ratio : value
  const most = kind.startsWith("most")
  return {
    target: `${most ? "≤" : "≥"} ${bound}${kind.endsWith("Ratio") ? " ×" : ""}`,
    met: (most ? number <= bound : number >= bound) ? "met" : "not met",
  }
}

// rounds: [{side: sample}], of one experiment.
function toRow(row, rounds) {
  const values = rounds.map(row.ours)
  const limits = row.limit ? rounds.map(row.limit) : []
  const ratios = limits.map((limit, round) => values[round] / limit)
  const spread = sorted(ratios.length > 0 ? ratios : values)
  const value = median(values)
  const ratio = ratios.length > 0 ? median(ratios) : undefined
  return {
    what: row.what,
    unit: row.unit,
    ours: format(value),
    limit: limits.length > 0 ? format(median(limits)) : "",
    ratio: format(ratio),
    spread: `${format(spread[0])} – ${format(spread.at(-1))}`,
    ...judge(row.target, value, ratio),
  }
}

const columns = ["what", "unit", "ours", "limit", "ratio", "spread", "target", "met"]

function layOut(rows, separator, rule) {
  const lines = [Object.fromEntries(columns.map((column) => [column, column])), ...rows]
  const widths = columns.map((column) => Math.max(...lines.map((line) => [...line[column]].length)))
  const text = lines.map((line) =>
    columns
      .map((column, index) => line[column] + " ".repeat(widths[index] - [...line[column]].length))
      .join(separator),
  )
  if (rule) text.splice(1, 0, widths.map((width) => "-".repeat(width)).join(separator))
  return text
}

// Which Tidings; nothing in a copy without its history.
function version() {
  const git = spawnSync("git", ["-C", checkout, "describe", "--always", "--dirty"], { encoding: "utf8" })
  return git.status === 0 ? `, Tidings ${git.stdout.trim()}` : ""
}

function machine(database) {
  const [{ model }] = cpus()
  return `${cpus().length} × ${model}, Linux ${release()}, MariaDB ${database}${version()}`
}

// What else ran, so that the reader knows what the numbers are worth.
function disturbances(results) {
  const samples = results.flatMap(({ rounds }) => rounds.flatMap((round) => Object.values(round)))
  const shares = samples.map(({ foreign }) => foreign)
  const disturbed = shares.filter((share) => share > BUSY).length
  const most = Math.round(Math.max(...shares) * 100)
  return disturbed === 0
    ? `Other processes never used more than ${most} % of the machine.`
    : `OTHER PROCESSES USED THE MACHINE: more than ${BUSY * 100} % of it in ${disturbed} of ` +
        `${shares.length} samples, at most ${most} %.`
}

export const isDisturbed = (round) => Object.values(round).some(({ foreign }) => foreign > BUSY)

// results: [{experiment, rounds}]. Returns the text for the terminal.
export function report(results, database) {
  const rows = results.flatMap(({ experiment, rounds }) => experiment.rows.map((row) => toRow(row, rounds)))
  const rounds = Math.max(...results.map((result) => result.rounds.length))
  const head = [
    machine(database),
    `Medians of ${rounds}; ratio: ours to the limit, taken in each round; spread: of the ratio, else of ours.`,
    disturbances(results),
  ]
  const dir = join(checkout, "var/bench")
  mkdirSync(dir, { recursive: true })
  const markdown = layOut(rows, " | ", true).map((line) => `| ${line} |`)
  writeFileSync(join(dir, "table.md"), `${head.join("\n\n")}\n\n${markdown.join("\n")}\n`)
  writeFileSync(
    join(dir, "results.json"),
    JSON.stringify({ head, rows, samples: results.map(({ experiment, rounds }) => ({ name: experiment.name, rounds })) }, null, 1),
  )
  return [...head, "", ...layOut(rows, "  ", false)].join("\n")
}
