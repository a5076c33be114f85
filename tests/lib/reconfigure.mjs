// Other settings for the api's processes, while the site runs.

import { readFileSync, readdirSync, readlinkSync } from "node:fs"
import { isAlive } from "./processes.mjs"
import { until } from "./wait.mjs"

// The processes that the spawner keeps.
const children = (pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number)

// It has read its settings and waits for requests.
const waits = (pid) => readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === "anon_inode:[eventpoll]")

// They end by themselves when their settings changed, and are replaced; this
// waits until the last one with the old settings is gone.
export async function reconfigure(site, settings) {
  const old = children(site.api.pid)
  await until(() => old.every(waits), "the api's processes")
  site.configure(settings)
  const fresh = () => children(site.api.pid)
  await until(() => !old.some(isAlive) && fresh().length >= old.length && fresh().every(waits), "the api's new processes")
}
