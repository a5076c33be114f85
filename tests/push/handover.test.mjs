// The socket leaves libmicrohttpd once a stream begins.  That rests on what
// the library does rather than on what it promises, so here it is held:
// through both web servers and past them, with clients nobody here wrote.

import assert from "node:assert/strict"
import { connect } from "node:net"
import { test } from "node:test"
import EventSource from "eventsource"
import { register } from "../lib/openapi.mjs"
import { startSite } from "../lib/site.mjs"
import { until } from "../lib/wait.mjs"
import { openSse, openWs } from "./streams.mjs"

for (const web of ["nginx", "apache"]) {
  let site, ada, bob, talk

  test(`behind ${web}`, async (t) => {
    site = await startSite({ web, direct: true, settings: { heartbeat_seconds: 1 } })
    try {
      ada = await register(site, "ada")
      bob = await register(site, "bob")
      talk = (await ada.post("/messages", { to: "bob", message: "first" })).body.conversation_id
      await t.test("EventSource gets its events and reconnects where it was", reconnects)
      await t.test("a stream outlives many heartbeats and carries events after them", outlives)
      await t.test("many streams are handed over at once, and none is left behind", many)
      if (web === "nginx") await t.test("the answer's head is whole and its body is no chunk", head)
    } finally {
      await site.stop()
    }
  })

  const say = (message) => ada.post(`/conversations/${talk}/messages`, { message })

  async function reconnects() {
    for (const base of [site.url, site.pushUrl]) {
      const got = []
      const source = new EventSource(`${base}/events`, { headers: { authorization: `Bearer ${bob.token}` } })
      let opened = 0
      source.onopen = () => opened++
      source.addEventListener("chat_message", (event) => got.push(JSON.parse(event.data)))
      await until(() => opened === 1, "an open EventSource")
      const first = (await say("first of EventSource")).body
      await until(() => got.some((event) => event.message_id === first.message_id), "the first")
      await site.notifier.stop()
      const missed = (await say("missed by EventSource")).body
      await site.notifier.start()
      const last = (await say("last of EventSource")).body
      await until(() => got.some((event) => event.message_id === last.message_id), "the last", 15_000)
      const ids = got.map((event) => event.message_id)
      assert.deepEqual(ids, [first.message_id, missed.message_id, last.message_id])
      source.close()
    }
  }

  async function outlives() {
    const streams = [await openSse(site.url, bob), await openSse(site.pushUrl, bob), await openWs(site.url, bob)]
    await until(() => streams.every((one) => (one.comments ?? one.pings) >= 4), "four heartbeats", 15_000)
    const { message_id } = (await say("after the silence")).body
    for (const stream of streams) {
      await stream.next((event) => event.message_id === message_id)
      stream.close()
    }
  }

  async function many() {
    const count = async () => {
      const { body } = await site.monitor("/metrics")
      return Number(/sse_connections (\d+)$/m.exec(body)[1]) + Number(/websocket_connections (\d+)$/m.exec(body)[1])
    }
    await until(async () => (await count()) === 0, "quiet")
    const streams = await Promise.all(
      Array.from({ length: 60 }, (_, i) => (i % 2 ? openSse : openWs)(i % 4 < 2 ? site.url : site.pushUrl, i % 3 ? ada : bob)),
    )
    for (const stream of streams) await stream.next("presence_state")
    assert.equal(await count(), 60)
    const { message_id } = (await say("to everybody")).body
    for (const stream of streams) await stream.next((event) => event.message_id === message_id)
    for (const stream of streams) stream.close()
    await until(async () => (await count()) === 0, "no connection left")
  }

  async function head() {
    const { hostname, port } = new URL(site.pushUrl)
    const socket = connect(Number(port), hostname)
    let text = ""
    socket.on("data", (data) => (text += data))
    socket.write(`GET /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${bob.token}\r\n\r\n`)
    await until(() => text.includes("presence_state"), "a stream")
    const [lines, body] = text.split("\r\n\r\n")
    assert.match(lines, /^HTTP\/1\.1 200 OK\r\n/)
    assert.doesNotMatch(lines, /transfer-encoding|content-length/i)
    assert.ok(body.startsWith("retry: 1000\nid: "))
    socket.destroy()
  }
}
