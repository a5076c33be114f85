// How a stream that is open comes to its end, and how silence is kept alive.

import assert from "node:assert/strict"
import { connect } from "node:net"
import { after, before, test } from "node:test"
import { login, password, register } from "../lib/openapi.mjs"
import { startSite } from "../lib/site.mjs"
import { until } from "../lib/wait.mjs"
import { openers, openSse, openWs, RawWs } from "./streams.mjs"

let site, ada, bob

before(async () => {
  site = await startSite({ direct: true, settings: { heartbeat_seconds: 1 } })
  ada = await register(site, "ada")
  bob = await register(site, "bob")
})
after(() => site.stop())

function both(name, run) {
  for (const transport of ["sse", "ws"]) test(`${name} (${transport})`, () => run(openers[transport]))
}

// Streams of a person through the web server and past it, ready.
async function ready(open, person) {
  const streams = [await open(site.url, person), await open(site.pushUrl, person)]
  for (const stream of streams) await stream.next("presence_state")
  return streams
}

async function ended(streams, reason, code, within = 3000) {
  for (const stream of streams) {
    assert.equal((await stream.next("session_ended", within)).reason, reason)
    await stream.whenEnded(within)
    assert.equal(stream.events.at(-1).type, "session_ended")
    if (stream.socket) assert.equal(stream.code, code)
  }
}

both("a session that is ended closes its streams and no others", async (open) => {
  const phone = await login(site, "ada")
  const streams = await ready(open, phone)
  const others = await ready(open, ada)
  await phone.delete("/sessions/current")
  await ended(streams, "revoked", 4401)
  await bob.post("/messages", { to: "ada", message: "still there?" })
  for (const other of others) {
    await other.next("chat_message")
    other.close()
  }
})

both("a new password closes one's other streams", async (open) => {
  const name = `changing_${open === openers.sse ? "sse" : "ws"}`
  const here = await register(site, name)
  const there = await login(site, name)
  const streams = await ready(open, there)
  const kept = await ready(open, here)
  await here.post("/me/password", { current_password: password, new_password: "another correct horse" })
  await ended(streams, "revoked", 4401)
  for (const stream of kept) {
    assert.equal(stream.ended, false)
    stream.close()
  }
})

both("a session that expires closes its streams", async (open) => {
  const phone = await login(site, "ada")
  const id = (await phone.get("/sessions")).body.items.find((one) => one.current).session_id
  await site.sql(`UPDATE sessions SET expires_at = UTC_TIMESTAMP(3) + INTERVAL 1 SECOND WHERE id = ${id}`)
  const streams = [await open(site.pushUrl, phone)]
  await streams[0].next("presence_state")
  await ended(streams, "expired", 4401, 5000)
})

both("a session that was used meanwhile goes on", async (open) => {
  const phone = await login(site, "ada")
  const id = (await phone.get("/sessions")).body.items.find((one) => one.current).session_id
  await site.sql(`UPDATE sessions SET expires_at = UTC_TIMESTAMP(3) + INTERVAL 1 SECOND WHERE id = ${id}`)
  const stream = await open(site.pushUrl, phone)
  await stream.next("presence_state")
  await site.sql(`UPDATE sessions SET expires_at = UTC_TIMESTAMP(3) + INTERVAL 1 HOUR WHERE id = ${id}`)
  const beats = () => (stream.socket ? stream.pings : stream.comments)
  await until(() => beats() >= 3, "three heartbeats")
  assert.equal(stream.ended, false)
  stream.close()
})

both("an account that is disabled closes all its streams", async (open) => {
  const gone = await register(site, `gone_${open === openers.sse ? "sse" : "ws"}`)
  const streams = [...(await ready(open, gone)), ...(await ready(open, await login(site, gone.username)))]
  await site.sql(`INSERT INTO events (type, user_id, actor_id, timestamp, created_at, payload)
    VALUES ('session_ended', ${gone.id}, ${gone.id}, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), '{"reason":"disabled"}')`)
  await ended(streams, "disabled", 4401)
})

both("who is removed hears nothing more of the conversation", async (open) => {
  const name = open === openers.sse ? "sse" : "ws"
  const out = await register(site, `removed_${name}`)
  const { conversation_id } = (await ada.post("/messages", { to: out.username, message: "hi" })).body
  const whole = await open(site.pushUrl, out)
  const one = name === "sse" ? await openSse(site.pushUrl, out, `?conversation_id=${conversation_id}`) : await openWs(site.pushUrl, out, `/ws/chat/${conversation_id}/`)
  await Promise.all([whole.next("presence_state"), one.next("presence_state")])
  await site.sql(`DELETE FROM members WHERE conversation_id = ${conversation_id} AND user_id = ${out.id};
    INSERT INTO events (type, conversation_id, user_id, actor_id, timestamp, created_at, payload) VALUES
    ('conversation_refresh', ${conversation_id}, ${out.id}, ${ada.id}, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), '{"reason":"removed"}')`)
  await ended([one], "removed", 4403)
  await whole.next((event) => event.type === "conversation_refresh" && event.reason === "removed")
  await ada.post(`/conversations/${conversation_id}/messages`, { message: "behind their back" })
  await bob.post("/messages", { to: out.username, message: "to you" })
  await whole.next((event) => event.message === "to you")
  assert.ok(!whole.messages.includes("behind their back"))
  whole.close()
})

test("silence on a stream is broken by heartbeats", async () => {
  for (const base of [site.url, site.pushUrl]) {
    const sse = await openSse(base, ada)
    const ws = await openWs(base, ada)
    await until(() => sse.comments >= 3 && ws.pings >= 3, "heartbeats")
    assert.deepEqual([sse.ended, ws.ended], [false, false])
    sse.close()
    ws.close()
  }
})

const metric = async (name) =>
  Number(new RegExp(`^tidings_notifier_${name} (\\d+)$`, "m").exec((await site.monitor("/metrics")).body)[1])

test("a WebSocket that answers no ping is closed", async () => {
  const before = await metric("closed_dead_total")
  const raw = await RawWs.open(site.pushUrl, ada)
  await until(() => raw.ended, "the end of a silent peer", 10_000)
  assert.ok((await metric("closed_dead_total")) > before)
})

test("a peer that has gone, or half of it, is noticed at once", async () => {
  const count = async () => (await metric("sse_connections")) + (await metric("websocket_connections"))
  await until(async () => (await count()) === 0, "quiet")
  const { hostname, port } = new URL(site.pushUrl)
  const half = connect({ port: Number(port), host: hostname, allowHalfOpen: true })
  let text = ""
  half.on("data", (data) => (text += data)).on("error", () => {})
  half.write(`GET /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ada.token}\r\n\r\n`)
  await until(() => text.includes("presence_state"), "a stream")
  const streams = [await openSse(site.pushUrl, ada), await openWs(site.pushUrl, ada), await openSse(site.url, ada), await openWs(site.url, ada)]
  await until(async () => (await count()) === 5, "five connections")
  half.end()
  for (const stream of streams) stream.close()
  await until(async () => (await count()) === 0, "no connections", 1000)
  half.destroy()
})

test("a notifier that stops says so", async () => {
  const streams = [...(await ready(openers.sse, ada)), ...(await ready(openers.ws, ada))]
  await site.notifier.stop()
  await ended(streams, "shutdown", 1001)
  await site.notifier.start()
})
