// The api's processes killed in a stream of messages: whatever they had in
// hand is sent again, and is there once.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { until } from "../lib/wait.mjs"
import { SocketReader, SseReader } from "./readers.mjs"
import { play } from "./scene.mjs"

const PROCESSES = 4

const childrenOf = (pid) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number)

// Kept from writing for a second, all of them have a message in hand.  What
// the database was asked for by then, it may do after they are gone.
async function killAll(site) {
  const spawner = site.api.pid
  const processes = childrenOf(spawner)
  const locked = site.sql("START TRANSACTION; SELECT id FROM conversations FOR UPDATE; DO SLEEP(1); COMMIT")
  await until(async () => {
    const [[waiting]] = await site.sql(
      "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'tidings' AND command = 'Execute'",
    )
    return Number(waiting) >= PROCESSES
  }, "a message in every process")
  for (const pid of processes) process.kill(pid, "SIGKILL")
  await until(() => childrenOf(spawner).every((pid) => !processes.includes(pid)), "other processes")
  await locked
}

test("all api processes are killed at once, again and again in a stream", { timeout: 120_000 }, (t) =>
  play({ writers: 8, conversations: 5 }, { settings: { api_processes: PROCESSES } }, async (scene) => {
    await scene.listen(SseReader, "over SSE")
    await scene.listen(SocketReader, "over a WebSocket")
    const places = [200, 300, 300]
    await scene.during(scene.write(150), places, () => killAll(scene.site))
    t.diagnostic(await scene.judge())
    assert.ok(scene.writers.reduce((sum, { failures }) => sum + failures, 0) >= places.length)
  }),
)
