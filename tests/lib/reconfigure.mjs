// Other settings for the api's processes, while the site runs.

import { readFileSync } from "node:fs"
import { isAlive } from "./processes.mjs"
import { until } from "./wait.mjs"

// The processes that the spawner keeps.
const children = (pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number)

// They end by themselves when their settings changed, and are replaced; this
// waits until the last one with the old settings is gone.
export async function reconfigure(site, settings) {
  const old = children(site.api.pid)
  site.configure(settings)
  await until(() => !old.some(isAlive) && children(site.api.pid).length >= old.length, "the api's new processes")
}
