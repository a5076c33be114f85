// What runs on this machine, as /proc tells it.

import { readdirSync, readFileSync, readlinkSync } from "node:fs"

const read = (path) => {
  try {
    return readFileSync(path, "latin1")
  } catch {
    return ""
  }
}

const folder = (pid) => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return ""
  }
}

export function isAlive(pid) {
  const stat = read(`/proc/${pid}/stat`)
  return stat !== "" && stat.slice(stat.lastIndexOf(")") + 2)[0] !== "Z"
}

// The processes that stand in dir or whose environment or arguments name it.
export function processesOf(dir) {
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid && isAlive(pid))
    .filter(
      (pid) =>
        `${folder(pid)}/`.startsWith(`${dir}/`) ||
        read(`/proc/${pid}/environ`).includes(`${dir}/`) ||
        read(`/proc/${pid}/cmdline`).includes(`${dir}/`),
    )
    .map((pid) => `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll("\0", " ")}`)
}
