// The notifier away, killed, or deaf: nothing is refused and nothing is lost,
// behind either web server.
import assert from "node:assert/strict"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { test } from "node:test"
import { pause } from "../lib/wait.mjs"
import { SocketReader, SseReader } from "./readers.mjs"
import { play } from "./scene.mjs"
import { RestWriter, SocketWriter } from "./writers.mjs"

const PROMISED_MS = 1000 // with every datagram lost
const timeout = 120_000

async function listen(scene) {
  await scene.listen(SseReader, "over SSE")
  await scene.listen(SocketReader, "over a WebSocket")
  await scene.listen(SocketReader, "a writer", { user: scene.people[0] })
}

for (const web of ["nginx", "apache"]) {
  test(`behind ${web}, what is sent while the notifier is stopped is heard afterwards`, { timeout }, (t) =>
    play({ writers: 4, conversations: 3 }, { web }, async (scene) => {
      await listen(scene)
      await scene.write(10)
      await scene.site.notifier.stop()
      await scene.write(50)
      for (const { name, failures } of scene.writers) assert.equal(failures, 0, `${name} was accepted at once`)
      await scene.site.notifier.start()
      t.diagnostic(await scene.judge())
    }),
  )

  test(`behind ${web}, the notifier is killed twice in a stream of 1000 messages`, { timeout }, (t) =>
    play({ writers: 4, conversations: 3 }, { web }, async (scene) => {
      await listen(scene)
      const writing = scene.write(250, { kinds: [RestWriter, RestWriter, SocketWriter] })
      await scene.during(writing, [300, 300], async () => {
        await scene.site.notifier.kill9()
        await scene.site.notifier.start()
      })
      t.diagnostic(await scene.judge())
      for (const { name, connections } of scene.readers) assert.ok(connections.length > 1, `${name} was cut off`)
    }),
  )

  // The notifier looks every poll_ms, 500, and needs one commit and one read
  // for what it finds.  That the machine is busy with something else counts
  // for nobody's delay: neither while this process was kept from reading, nor
  // while the database was kept from committing, which the slowest post shows.
  test(`behind ${web}, with every datagram dropped a message is heard within a second`, { timeout }, (t) =>
    play({ writers: 1, conversations: 3 }, { web, settings: { doorbell_drop: 100 } }, async (scene) => {
      const kept = monitorEventLoopDelay({ resolution: 5 })
      let slowest_ms = 0

      await listen(scene)
      kept.enable()
      for (let number = 0; number < 20; number++) {
        const begun = performance.now()
        await scene.write(1)
        slowest_ms = Math.max(slowest_ms, performance.now() - begun)
        await pause(37 * (number % 7)) // all over the notifier's interval
      }
      const report = await scene.judge()
      kept.disable()
      assert.match((await scene.site.monitor("/metrics")).body, /^tidings_notifier_datagrams_total 0$/m)
      const noise_ms = kept.max / 1e6 + 2 * slowest_ms
      t.diagnostic(`${report}; noise ${Math.round(noise_ms)} ms`)
      assert.ok(scene.worstDelay() < PROMISED_MS + noise_ms, `the worst was ${scene.worstDelay()} ms behind`)
    }),
  )
}
