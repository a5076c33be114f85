// Who is let in, and what the others are answered before a stream begins.

import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { register } from "../lib/openapi.mjs"
import { startSite } from "../lib/site.mjs"
import { until } from "../lib/wait.mjs"
import { ask, openSse, openWs } from "./streams.mjs"

const allowed = "https://shop.example.org"
const upgrade = {
  upgrade: "websocket",
  connection: "Upgrade",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
}

let site, ada, bob, eve, talk

before(async () => {
  site = await startSite({ direct: true, settings: { allowed_origins: allowed } })
  ada = await register(site, "ada")
  bob = await register(site, "bob")
  eve = await register(site, "eve")
  talk = (await ada.post("/messages", { to: "bob", message: "first" })).body.conversation_id
})
after(() => site.stop())

const bearer = (token) => ({ authorization: `Bearer ${token}` })

function isProblem(answer, status, code) {
  assert.deepEqual([answer.status, answer.body?.code], [status, code])
  assert.equal(answer.headers["content-type"], "application/problem+json")
  assert.equal(answer.body.status, status)
  assert.equal(answer.headers["cache-control"], "no-store")
}

// Both ways in, through the web server and past it.
async function refused(path, headers, status, code) {
  for (const base of [site.url, site.pushUrl]) isProblem(await ask(base, path, { headers }), status, code)
}

test("a session is a bearer token or a cookie, an API key a bearer token", async () => {
  for (const headers of [bearer(ada.token), { cookie: ada.cookie }, { cookie: `theme=dark; ${ada.cookie}; a=b` }, bearer(site.adminKey)])
    for (const base of [site.url, site.pushUrl]) {
      const sse = await openSse(base, null, "", headers)
      assert.equal(sse.status, 200)
      assert.equal(sse.headers["content-type"], "text/event-stream")
      await sse.next("hello")
      sse.close()
      const ws = await openWs(base, null, "/ws", { headers })
      await ws.next("hello")
      ws.close()
    }
})

test("a stranger is refused before the upgrade", async () => {
  for (const headers of [{}, bearer("wrong"), bearer("tk_wrong"), bearer(""), bearer("x".repeat(2000)), { cookie: "tidings_session=wrong" }, { authorization: "Basic YTpi" }]) {
    await refused("/events", headers, 401, "unauthenticated")
    await refused("/ws", { ...upgrade, ...headers }, 401, "unauthenticated")
  }
  const answer = await ask(site.url, "/events")
  assert.equal(answer.headers["www-authenticate"], "Bearer")
})

test("an API key does what its scopes say", async () => {
  const reader = { token: await site.tidings("api-key", "reader", "read") }
  const writer = { token: await site.tidings("api-key", "writer", "write") }
  const ws = await openWs(site.pushUrl, reader)
  await ws.next("presence_state")
  ws.send({ type: "typing", conversation_id: talk, typing: true })
  assert.equal((await ws.next("error")).code, "forbidden")
  ws.close()
  await refused("/events", bearer(writer.token), 403, "forbidden")
})

test("a header goes before the cookie", async () => {
  await refused("/events", { cookie: ada.cookie, ...bearer("wrong") }, 401, "unauthenticated")
})

test("a ticket opens one stream, once", async () => {
  for (const base of [site.url, site.pushUrl]) {
    const { ticket } = (await ada.post("/tickets")).body
    const sse = await openSse(base, null, `?ticket=${ticket}`)
    assert.equal((await sse.next("hello")).user_id, ada.id)
    sse.close()
    isProblem(await ask(base, `/events?ticket=${ticket}`), 401, "unauthenticated")
  }
  const { ticket } = (await ada.post("/tickets")).body
  const ws = await openWs(site.url, null, `/ws?ticket=${ticket}`)
  assert.equal((await ws.next("hello")).user_id, ada.id)
  ws.close()
  await refused(`/ws?ticket=${ticket}`, upgrade, 401, "unauthenticated")
})

test("of many who come with one ticket, one gets in", async () => {
  const { ticket } = (await ada.post("/tickets")).body
  const answers = await Promise.all(Array.from({ length: 20 }, () => openSse(site.pushUrl, null, `?ticket=${ticket}`)))
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(19).fill(401)])
  for (const answer of answers) answer.close()
})

test("a ticket that has expired opens nothing", async () => {
  const { ticket } = (await ada.post("/tickets")).body
  await site.sql("UPDATE tickets SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND")
  await refused(`/events?ticket=${ticket}`, {}, 401, "unauthenticated")
})

test("a ticket's stream ends with the session that asked", async () => {
  const other = await register(site, "ticketed")
  const { ticket } = (await other.post("/tickets")).body
  const stream = await openSse(site.url, null, `?ticket=${ticket}`)
  await stream.next("presence_state")
  await other.delete("/sessions/current")
  assert.equal((await stream.next("session_ended", 2000)).reason, "revoked")
  await stream.whenEnded()
})

test("a WebSocket comes from a page of ours, of a listed site, or from no browser", async () => {
  const { host } = new URL(site.url)
  for (const origin of [`http://${host}`, `HTTP://${host}`, allowed]) {
    const ws = await openWs(site.url, null, "/ws", { headers: { cookie: ada.cookie, origin } })
    await ws.next("hello")
    ws.close()
  }
  for (const origin of ["http://evil.example.org", "null", `https://${host}`, `http://${host}.evil.example.org`, `http://x${host}`, ""])
    await refused("/ws", { ...upgrade, cookie: ada.cookie, origin }, 403, "cross_origin")
})

test("a page elsewhere may read a stream only if it is listed", async () => {
  const listed = await openSse(site.url, null, "", { ...bearer(ada.token), origin: allowed })
  assert.deepEqual(
    [listed.headers["access-control-allow-origin"], listed.headers["access-control-allow-credentials"], listed.headers.vary],
    [allowed, "true", "Origin"],
  )
  listed.close()
  const other = await openSse(site.url, null, "", { ...bearer(ada.token), origin: "http://evil.example.org" })
  assert.equal(other.headers["access-control-allow-origin"], undefined)
  other.close()
})

test("what is not there is not found", async () => {
  for (const path of ["/ws/", "/ws/chat/", "/ws/chat/x/", "/ws/chat/0/", `/ws/chat/${talk}/x`, `/ws/chat/-1/`, "/ws/chat/99999999999999999999/"])
    isProblem(await ask(site.pushUrl, path, { headers: { ...upgrade, ...bearer(ada.token) } }), 404, "not_found")
  isProblem(await ask(site.pushUrl, "/elsewhere", { headers: bearer(ada.token) }), 404, "not_found")
})

test("a conversation of others is not found", async () => {
  await refused(`/ws/chat/${talk}/`, { ...upgrade, ...bearer(eve.token) }, 404, "not_found")
  await refused(`/events?conversation_id=${talk}`, bearer(eve.token), 404, "not_found")
  await refused("/events?conversation_id=999999", bearer(ada.token), 404, "not_found")
  await refused("/events?conversation_id=x", bearer(ada.token), 404, "not_found")
})

test("only GET opens a stream", async () => {
  for (const method of ["POST", "PUT", "DELETE", "HEAD"]) {
    const answer = await ask(site.pushUrl, "/events", { method, headers: bearer(ada.token) })
    assert.deepEqual([answer.status, answer.headers.allow], [405, "GET"])
  }
})

test("a parameter that cannot be read is refused", async () => {
  for (const query of ["since=x", "since=", "since=-1", "since=1.5", "since=99999999999999999999", "types=", "types=shouting", "types=typing,,"]) {
    await refused(`/events?${query}`, bearer(ada.token), 422, "invalid")
    await refused(`/ws?${query}`, { ...upgrade, ...bearer(ada.token) }, 422, "invalid")
  }
  const { body } = await ask(site.url, "/events?since=x", { headers: bearer(ada.token) })
  assert.deepEqual(body.errors.map(({ field, code }) => [field, code]), [["since", "invalid"]])
  await refused("/events", { ...bearer(ada.token), "last-event-id": "x" }, 422, "invalid")
})

test("a handshake that RFC 6455 refuses is refused", async () => {
  const shake = (headers) => ask(site.pushUrl, "/ws", { headers: { ...bearer(ada.token), ...headers } })
  const without = (name) => Object.fromEntries(Object.entries(upgrade).filter(([key]) => key !== name))
  const old = await shake({ ...upgrade, "sec-websocket-version": "8" })
  isProblem(old, 426, "upgrade_required")
  assert.equal(old.headers["sec-websocket-version"], "13")
  isProblem(await shake({}), 426, "upgrade_required")
  isProblem(await shake(without("sec-websocket-version")), 426, "upgrade_required")
  isProblem(await shake(without("sec-websocket-key")), 400, "bad_handshake")
  isProblem(await shake({ ...upgrade, "sec-websocket-key": "short" }), 400, "bad_handshake")
  const good = await shake(upgrade)
  assert.deepEqual([good.status, good.headers["sec-websocket-accept"]], [101, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="])
})

test("with the database away a stream is refused for a moment", async () => {
  await site.db.stop()
  const answer = await ask(site.pushUrl, "/events", { headers: bearer(ada.token) })
  isProblem(answer, 503, "unavailable")
  assert.ok(Number(answer.headers["retry-after"]) > 0)
  await site.db.start()
  await until(async () => {
    const stream = await openSse(site.pushUrl, ada)
    stream.close()
    return stream.status === 200
  }, "a stream")
})
