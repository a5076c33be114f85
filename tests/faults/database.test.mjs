// The database killed in a stream of messages, or every connection with it cut.
import assert from "node:assert/strict"
import { test } from "node:test"
import { until } from "../lib/wait.mjs"
import { PollReader, SocketReader, SseReader } from "./readers.mjs"
import { play } from "./scene.mjs"
import { RestWriter, SocketWriter } from "./writers.mjs"

const cases = {
  "the database is killed": async ({ site, writers }) => {
    const failures = () => writers.reduce((sum, writer) => sum + writer.failures, 0)
    const before = failures()
    await site.database.kill9()
    await until(() => failures() > before, "a writer that is refused")
    await site.database.start()
  },
  "every connection with the database is cut": async ({ site }) => {
    const sessions = await site.sql("SELECT id FROM information_schema.processlist WHERE user = 'tidings'")
    assert.ok(sessions.length > 0)
    // One that has just ended by itself is no failure.
    for (const [id] of sessions) await site.sql(`KILL ${id}`).catch(() => {})
  },
}

for (const [name, harm] of Object.entries(cases))
  test(`${name} twice in a stream of messages`, { timeout: 120_000 }, (t) =>
    play({ writers: 4, conversations: 5 }, {}, async (scene) => {
      await scene.listen(SseReader, "over SSE")
      await scene.listen(SocketReader, "over a WebSocket")
      await scene.listen(PollReader, "by polling")
      const writing = scene.write(250, { kinds: [RestWriter, RestWriter, SocketWriter] })
      await scene.during(writing, [300, 300], () => harm(scene))
      t.diagnostic(await scene.judge())
    }),
  )
