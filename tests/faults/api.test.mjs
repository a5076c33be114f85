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

test("all api processes are killed at once, again and again in a stream", { timeout: 120_000 }, (t) =>
  play({ writers: 8, conversations: 5 }, { settings: { api_processes: PROCESSES } }, async (scene) => {
    const spawner = scene.site.api.pid
    await scene.listen(SseReader, "over SSE")
    await scene.listen(SocketReader, "over a WebSocket")
    const failures = () => scene.writers.reduce((sum, writer) => sum + writer.failures, 0)
    const killAll = async () => {
      const processes = childrenOf(spawner)
      for (const pid of processes) process.kill(pid, "SIGKILL")
      await until(() => childrenOf(spawner).every((pid) => !processes.includes(pid)), "other processes")
      return processes.length
    }
    await scene.during(scene.write(150), [200, 300, 300], async () => {
      const before = failures()
      const noticed = () => until(() => failures() > before, "a writer that noticed", 500)
      assert.equal(await killAll(), PROCESSES)
      // Should they have had nothing in hand, again.
      await noticed().catch(() => killAll().then(noticed))
    })
    t.diagnostic(await scene.judge())
  }),
)
