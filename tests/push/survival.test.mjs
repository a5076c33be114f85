// Promises of push that hold while something is down: nothing acknowledged is
// lost, everything comes in order, each once.

import assert from "node:assert/strict"
import { createSocket } from "node:dgram"
import { after, before, test } from "node:test"
import { register } from "../lib/openapi.mjs"
import { startSite } from "../lib/site.mjs"
import { until } from "../lib/wait.mjs"
import { openers, openWs } from "./streams.mjs"

const say = async (person, talk, message) => {
  const { status, body } = await person.post(`/conversations/${talk}/messages`, { message })
  assert.equal(status, 201)
  return body
}

// A reader that reconnects for ever with the last event_id it saw.
class Reader {
  events = []
  closed = false

  constructor(open, base, person) {
    this.done = this.#run(open, base, person)
  }

  async #run(open, base, person) {
    let since
    while (!this.closed) {
      try {
        const stream = await open(base, person, since === undefined ? "" : `?since=${since}`)
        this.stream = stream
        if (this.closed) stream.close()
        await until(() => stream.ended || this.closed || stream.status > 200, "the end", 120_000)
        stream.close()
        for (const event of stream.events) {
          if (event.event_id === undefined) continue
          since = event.event_id
          if (event.seq !== undefined) this.events.push(event)
        }
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
  }

  // What was seen of a conversation so far, this connection's too.
  seen(talk) {
    const current = this.stream && !this.stream.ended ? this.stream.events : []
    return [...this.events, ...current].filter((event) => event.conversation_id === talk && event.seq !== undefined)
  }

  async close() {
    this.closed = true
    await this.done
  }
}

// In order, nothing left out, nothing twice.
function inOrder(events) {
  const seqs = events.map((event) => event.seq)
  assert.deepEqual(seqs, Array.from({ length: seqs.length }, (_, i) => seqs[0] + i))
  const ids = events.map((event) => event.event_id)
  assert.deepEqual(ids, ids.toSorted ? ids.toSorted((a, b) => a - b) : [...ids].sort((a, b) => a - b))
}

let site, ada, bob, talk

before(async () => {
  site = await startSite({ direct: true, notifiers: 2 })
  ada = await register(site, "ada")
  bob = await register(site, "bob")
  talk = (await ada.post("/messages", { to: "bob", message: "first" })).body.conversation_id
})
after(() => site.stop())

for (const transport of ["sse", "ws"]) {
  test(`with the notifier down messages are accepted, and all arrive when it is back (${transport})`, async () => {
    const reader = new Reader(openers[transport], site.url, bob)
    await until(() => reader.stream?.of("presence_state").length, "a stream")
    await say(ada, talk, "before")
    await until(() => reader.seen(talk).length >= 1, "the first")
    await site.notifier.stop()
    const sent = []
    for (let i = 0; i < 30; i++) sent.push((await say(ada, talk, `while down ${i}`)).message_id)
    await site.notifier.start()
    await until(() => reader.seen(talk).some((event) => event.message_id === sent.at(-1)), "the last")
    inOrder(reader.seen(talk))
    const ids = reader.seen(talk).map((event) => event.message_id)
    for (const id of sent) assert.equal(ids.filter((one) => one === id).length, 1)
    await reader.close()
  })

  test(`a notifier killed in a stream of 1000 messages costs nothing (${transport})`, async () => {
    const reader = new Reader(openers[transport], site.url, bob)
    await until(() => reader.stream?.of("presence_state").length, "a stream")
    const sent = []
    const writing = (async () => {
      for (let i = 0; i < 1000; i++) sent.push((await say(ada, talk, `stream ${i}`)).message_id)
    })()
    for (const at of [200, 600]) {
      await until(() => sent.length > at, `${at} messages`, 30_000)
      await site.notifier.kill9()
      await site.notifier.start()
    }
    await writing
    await until(() => reader.seen(talk).some((event) => event.message_id === sent.at(-1)), "the last", 20_000)
    const seen = reader.seen(talk)
    inOrder(seen)
    const ids = new Set(seen.map((event) => event.message_id))
    assert.deepEqual(sent.filter((id) => !ids.has(id)), [])
    await reader.close()
  })
}

test("with every datagram lost a message arrives within a second", async () => {
  const deaf = await startSite({ direct: true, settings: { doorbell_drop: 100 } })
  try {
    const [mia, noa] = [await register(deaf, "mia"), await register(deaf, "noa")]
    const { conversation_id } = (await mia.post("/messages", { to: "noa", message: "first" })).body
    const stream = await openWs(deaf.url, noa)
    await stream.next("presence_state")
    const arrived = new Map()
    stream.socket.on("message", (data) => arrived.set(JSON.parse(data).message_id, Date.now()))
    for (let i = 0; i < 10; i++) {
      const { message_id } = await say(mia, conversation_id, `unheard ${i}`)
      const answered = Date.now()
      await until(() => arrived.has(message_id), `message ${i}`)
      assert.ok(arrived.get(message_id) - answered < 1000)
      await new Promise((resolve) => setTimeout(resolve, i * 37))
    }
    assert.match((await deaf.monitor("/metrics")).body, /^tidings_notifier_datagrams_total 0$/m)
    stream.close()
  } finally {
    await deaf.stop()
  }
})

test("a database that is restarted under open streams costs nothing", async () => {
  const streams = [await openers.sse(site.pushUrl, bob), await openers.ws(site.notifiers[1].url, bob)]
  for (const stream of streams) await stream.next("presence_state")
  await say(ada, talk, "before the restart")
  await site.db.stop()
  await until(async () => (await site.monitor("/health")).status === 503, "ill health")
  await site.db.start()
  const last = await until(() => say(ada, talk, "after the restart"), "a message")
  for (const stream of streams) {
    await stream.next((event) => event.message_id === last.message_id)
    assert.equal(stream.ended, false)
    inOrder(stream.of("chat_message"))
    stream.close()
  }
  await until(async () => (await site.monitor("/health")).status === 200, "health")
})

test("a cursor of one notifier is good at the other", async () => {
  const [first, second] = [site.pushUrl, site.notifiers[1].url]
  for (let i = 0; i < 20; i++) {
    const here = await openWs(first, bob)
    await here.next("presence_state")
    const { message_id } = await say(ada, talk, `here ${i}`)
    const { event_id } = await here.next((event) => event.message_id === message_id)
    const there = await openWs(second, bob, `/ws?since=${event_id}`)
    const hello = await there.next("hello")
    assert.deepEqual([hello.resumed, hello.event_id], [true, event_id])
    await there.next("presence_state")
    const next = await say(ada, talk, `there ${i}`)
    await there.next((event) => event.message_id === next.message_id)
    assert.deepEqual(there.messages, [`there ${i}`])
    here.close()
    there.close()
  }
})

test("eight writers, two notifiers that stamp, readers cut off: each message once, in order", async () => {
  const readers = [
    new Reader(openers.ws, site.pushUrl, bob),
    new Reader(openers.sse, site.notifiers[1].url, bob),
    new Reader(openers.ws, site.notifiers[1].url, ada),
  ]
  await until(() => readers.every((reader) => reader.stream?.of("presence_state").length), "streams")
  const start = (await say(ada, talk, "start")).no
  const cutting = setInterval(() => readers[0].stream?.close(), 300)
  await Promise.all(Array.from({ length: 8 }, async (_, writer) => {
    for (let i = 0; i < 100; i++) await say(writer % 2 ? ada : bob, talk, `${writer}: ${i}`)
  }))
  clearInterval(cutting)
  for (const reader of readers) {
    await until(() => reader.seen(talk).some((event) => event.no === start + 800), "the last", 20_000)
    const seen = reader.seen(talk)
    inOrder(seen)
    assert.deepEqual(
      seen.filter((event) => event.no >= start).map((event) => event.no),
      Array.from({ length: 801 }, (_, i) => start + i),
    )
    await reader.close()
  }
})

test("a datagram that is nonsense is dropped and counted", async () => {
  const count = async () => Number(/^tidings_notifier_datagrams_bad_total (\d+)$/m.exec((await site.monitor("/metrics")).body)[1])
  const before = await count()
  const { execFileSync } = await import("node:child_process")
  for (const bytes of ["x", "\\x01\\x07", "\\x01\\x02\\xff\\xff\\xff\\xff"])
    execFileSync("bash", ["-c", `printf '${bytes}' | python3 -c 'import socket,sys; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(sys.stdin.buffer.read(), sys.argv[1])' "$1"`, "-", `${site.runDir}/inbox.sock`])
  await until(async () => (await count()) === before + 3, "three bad datagrams")
  assert.equal((await site.monitor("/health")).status, 200)
})
