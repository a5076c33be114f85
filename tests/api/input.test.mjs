// Bodies, headers and addresses that are nearly right.

import assert from "node:assert/strict"
import net from "node:net"
import { after, before, test } from "node:test"
import { register, stranger } from "../lib/openapi.mjs"
import { startSite } from "../lib/site.mjs"

let site, ada, path

before(async () => {
  site = await startSite()
  ada = await register(site, "ada")
  await register(site, "bob")
  path = `/conversations/${(await ada.post("/messages", { to: "bob", message: "x" })).body.conversation_id}/messages`
})
after(() => site.stop())

const send = (body, headers) => ada.post(path, undefined, { body, headers })

test("what is nearly JSON is not JSON", async () => {
  const bad = [
    "", " ", "{", "}", "[1,]", '{"message":"x",}', "{message:1}", "{'message':'x'}", '{"message":"x"} x', '{"message":"x"}{}', "nul", "NaN",
    '{"message":NaN}', '{"message":Infinity}', '{"message":01}', '{"message":+1}', '{"message":.5}', '{"message":1.}', '{"message":0x1}',
    '{"message":"\n"}', '{"message":"\t"}', '{"message":"\\x41"}', '{"message":"\\u12"}', '{"message":"\\ud800"}', '{"message":"\\udc00x"}',
    '{"message":"\\ud800\\u0041"}', '// c\n{"message":"x"}', '{"message":"x" /* c */}', '\ufeff{"message":"x"}', '{"message" "x"}', '{"message":}',
    '{"message":"x","message":"y"}', '{"message":"x","\\u006dessage":"y"}', "\0", '{"message":"\0"}', `${"[".repeat(17)}${"]".repeat(17)}`,
    `[${"0,".repeat(5000)}0]`, "[".repeat(100_000),
  ]
  for (const body of bad) {
    const { status, code } = await send(body)
    assert.deepEqual([status, code], [400, "not_json"], JSON.stringify(body.slice(0, 60)))
  }
})

test("invalid UTF-8 is not JSON", async () => {
  for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0x80]])
    assert.equal((await send(Buffer.concat([Buffer.from('{"message":"'), Buffer.from(bytes), Buffer.from('"}')]))).code, "not_json")
  assert.equal((await send(Buffer.from('{"message":"é"}', "latin1"))).code, "not_json")
  assert.equal((await send(Buffer.from('{"message":"é"}', "utf16le"))).code, "not_json")
})

test("JSON that is no object is not valid", async () => {
  for (const body of ["[]", "1", '"x"', "null", "true", '[{"message":"x"}]']) {
    const { status, code, body: problem } = await send(body)
    assert.deepEqual([status, code, problem.errors[0].field], [422, "invalid", ""], body)
  }
})

test("every kind of wrong type and unknown field is told", async () => {
  for (const message of [1, 1.5, true, null, [], {}, ["x"]]) assert.equal((await ada.post(path, { message })).code, "wrong_type")
  for (const name of ["Message", "message ", "", "__proto__", "\0", "message\0", "x".repeat(1000), "é", "sender_id", "image"]) {
    const { code } = await send(`{"message":"x",${JSON.stringify(name)}:1}`)
    assert.equal(code, "unknown_field", name.slice(0, 20))
  }
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`f${i}`, i]))
  const { code, body } = await ada.post(path, { message: "x", ...many })
  assert.deepEqual([code, body.errors.length], ["invalid", 20])
})

test("what is good JSON is taken, however it is written", async () => {
  for (const body of [
    ' \r\n\t{ "message" : "x" }\n', '{"\\u006d\\u0065ssage":"x"}', '{"message":"\\ud83d\\ude00 \\" \\\\ \\/ \\b\\f\\n\\r\\t"}', '{"message":"x","reply_to":null}',
  ])
    assert.equal((await send(body)).status, 201, body)
  assert.equal((await send('{"message":"\\ud83d\\ude00"}')).body.message, "😀")
})

test("the type of a body is JSON in UTF-8", async () => {
  const body = '{"message":"x"}'
  for (const type of ["application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8", 'Application/JSON ; charset="utf-8"', "application/json;"])
    assert.equal((await send(body, { "content-type": type })).status, 201, type)
  for (const type of ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx", "application/json; charset=latin1", "application/problem+json", "application", "json"])
    assert.equal((await send(body, { "content-type": type })).code, "media_type", type)
})

test("a body that is packed is not unpacked", async () => {
  const body = '{"message":"x"}'
  for (const encoding of ["identity", "Identity", ""]) assert.equal((await send(body, { "content-encoding": encoding })).status, 201, encoding)
  for (const encoding of ["gzip", "br", "deflate", "identity, gzip", "x"])
    assert.deepEqual((({ status, code }) => [status, code])(await send(body, { "content-encoding": encoding })), [415, "media_type"], encoding)
})

test("a body in chunks is read, and bounded", async () => {
  const headers = { "transfer-encoding": "chunked" }
  assert.equal((await send('{"message":"in chunks"}', headers)).status, 201)
  assert.equal((await send(" ".repeat(131073), headers)).code, "too_large")
})

test("a body where none is expected is too large", async () => {
  for (const [method, where] of [["GET", "/me"], ["DELETE", "/sessions/1"], ["GET", "/health"]])
    assert.equal((await ada.call(method, where, { body: "{}" })).code, "too_large")
  assert.equal((await ada.call("GET", "/me", { headers: { "content-length": "0" } })).status, 200)
})

test("a refusal comes before the body is read", async () => {
  const big = "x".repeat(900_000)
  assert.equal((await stranger(site).call("POST", "/tickets", { body: big })).code, "unauthenticated")
  assert.equal((await ada.call("POST", "/nothing", { body: big })).code, "not_found")
  assert.equal((await ada.call("PUT", "/me", { body: big })).code, "method_not_allowed")
  assert.equal((await send(big)).code, "too_large")
})

// One request as bytes, and the first line of the answer.
const raw = (text) =>
  new Promise((done, fail) => {
    const { hostname, port } = new URL(site.url)
    const socket = net.connect(port, hostname, () => socket.write(text, "latin1"))
    let answer = ""
    socket.on("data", (data) => (answer += data))
    socket.on("error", fail)
    socket.on("close", () => done(answer))
  })

test("a target that names the site is taken for its path", async () => {
  const head = (target) => `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`
  assert.match(await raw(head(`${site.url}/api/v1/health`)), /^HTTP\/1.1 200/)
  assert.match(await raw(head(`${site.url}/api/v1/nothing`)), /^HTTP\/1.1 404/)
})

test("headers and addresses of odd bytes end nothing", async () => {
  const head = (line, more = "") => `${line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${more}\r\n`
  for (const request of [
    head("GET /api/v1/me?\xff=%ff&limit=\x01"), head("GET /api/v1/%00"), head("GET /api/v1/../../etc/passwd"), head("GET /api/v1//me"),
    head("GET /api/v1/me", "Cookie: tidings_session=\xff\xfe; ;;=;=x;\r\n"), head("GET /api/v1/me", "Authorization: Bearer \xff\r\n"),
    head("GET /api/v1/me", `Cookie: ${"a=b; ".repeat(1500)}\r\n`), head(`GET /api/v1/users?${"a=1&".repeat(1500)}`),
    head("POST /api/v1/sessions", "Content-Length: -1\r\n"), head("POST /api/v1/sessions", "Content-Length: 1x\r\n"),
    head("POST /api/v1/sessions", "Content-Length: 99999999999999999999\r\n"),
  ]) {
    const answer = await raw(request)
    assert.match(answer, /^HTTP\/1.1 4\d\d/, JSON.stringify(request.slice(0, 80)))
    assert.doesNotMatch(answer, /root:/)
  }
  assert.equal((await ada.get("/me")).status, 200)
})
