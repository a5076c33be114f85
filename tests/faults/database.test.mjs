// The database killed in a stream of messages, with nothing written down but
// what it had committed.
import assert from "node:assert/strict"
import { test } from "node:test"
import { PollReader, SocketReader, SseReader } from "./readers.mjs"
import { play } from "./scene.mjs"
import { RestWriter, SocketWriter } from "./writers.mjs"

test("the database is killed twice in a stream of messages", { timeout: 120_000 }, (t) =>
  play({ writers: 4, conversations: 5 }, {}, async (scene) => {
    await scene.listen(SseReader, "over SSE")
    await scene.listen(SocketReader, "over a WebSocket")
    await scene.listen(PollReader, "by polling")
    const writing = scene.write(250, { kinds: [RestWriter, RestWriter, SocketWriter] })
    await scene.during(writing, [300, 300], async () => {
      await scene.site.database.kill9()
      await scene.site.database.start()
    })
    t.diagnostic(await scene.judge())
    assert.ok(scene.writers.some(({ failures }) => failures > 0), "somebody met with it")
  }),
)
