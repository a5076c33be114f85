// Eight people write 500 messages each, and everybody else hears each of them
// once, in order: whatever they listen with, cut off every second or not, with
// one notifier or with two that stamp side by side.
import assert from "node:assert/strict"
import { test } from "node:test"
import { PollReader, SocketReader, SseReader } from "./readers.mjs"
import { play } from "./scene.mjs"
import { RestWriter, SocketWriter } from "./writers.mjs"

const WRITERS = 8
const MESSAGES = 500
const SECOND = 1000

const cases = [
  { conversations: 1, notifiers: 1 },
  { conversations: 50, notifiers: 1 },
  { conversations: 1, notifiers: 2 },
  { conversations: 50, notifiers: 2 },
]

for (const { conversations, notifiers } of cases)
  test(`${WRITERS} writers into ${conversations} conversations, notifiers: ${notifiers}`, { timeout: 120_000 }, (t) =>
    play({ writers: WRITERS, conversations }, { notifiers }, async (scene) => {
      const { url } = scene.site.notifiers.at(-1)
      await scene.listen(SseReader, "over SSE")
      await scene.listen(SocketReader, "over a WebSocket")
      await scene.listen(PollReader, "by polling")
      await scene.listen(SocketReader, "a writer", { user: scene.people[0] })
      await scene.listen(SocketReader, "of one conversation", { conversation_id: scene.conversations[0] })
      const cut = [
        await scene.listen(SseReader, "cut off, over SSE", { cutEvery: SECOND }),
        await scene.listen(SocketReader, "cut off, over a WebSocket", { cutEvery: SECOND }),
      ]
      if (notifiers > 1) {
        await scene.listen(SseReader, "of another notifier, over SSE", { url })
        cut.push(await scene.listen(SocketReader, "of another notifier, cut off", { url, cutEvery: SECOND }))
      }
      await scene.write(MESSAGES, { kinds: [RestWriter, RestWriter, RestWriter, SocketWriter] })
      t.diagnostic(await scene.judge())
      for (const { name, connections } of cut) assert.ok(connections.length > 1, `${name} was never cut off`)
    }),
  )
