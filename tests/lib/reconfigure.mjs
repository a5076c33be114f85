// Other settings for the api's processes, while the site runs.

import { readFileSync, readdirSync, readlinkSync } from "node:fs"
import { isAlive } from "./processes.mjs"
import { until } from "./wait.mjs"

const children = (pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number)

// The processes that the spawners keep, those for log-ins too.
const processes = (site) => [site.api.pid, Number(site.env.TIDINGS_LOGIN_PID)].flatMap(children)

// It has read its settings and waits for requests.
const waits = (pid) => readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === "anon_inode:[eventpoll]")

// They end by themselves when their settings changed, and are replaced; this
// waits until the last one with the old settings is gone.
export async function reconfigure(site, settings) {
  const old = processes(site)
  await until(() => old.every(waits), "the api's processes")
  site.configure(settings)
  const fresh = () => processes(site)
  await until(() => !old.some(isAlive) && fresh().length >= old.length && fresh().every(waits), "the api's new processes")
}
