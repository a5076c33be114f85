// The table of routes, the OpenAPI document and the program say the same.

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { after, before, test } from "node:test"
import { Client, document, operations, register, resolve, stranger } from "../lib/openapi.mjs"
import { checkout, startSite } from "../lib/site.mjs"

const read = (name) => readFileSync(`${checkout}/${name}`, "utf8")
const routes = [...read("api/routes.def").matchAll(/^ROUTE\((\w+), +"\/api\/v1([^"]*)", +(\w+), +(\w+), +(\w+)\)/gm)].map(
  ([, method, path, handler, access, body]) => ({ method, path, handler, access, body }),
)
const braces = (path) => path.replaceAll(/:(\w+)/g, "{$1}")

let site, ada, bob, eve, conversation

before(async () => {
  site = await startSite()
  ada = await register(site, "ada")
  bob = await register(site, "bob")
  eve = await register(site, "eve")
  conversation = (await ada.post("/messages", { to: "bob", message: "hello" })).body.conversation_id
})
after(() => site.stop())

test("every route is in the document and every operation in the table", () => {
  const inTable = routes.map(({ method, path, handler }) => `${method} ${braces(path)} ${handler}`)
  const inDocument = operations.map(({ method, path, operation }) => `${method} ${path} ${operation.operationId}`)
  assert.ok(routes.length > 20)
  assert.deepEqual(inTable.sort(), inDocument.sort())
})

test("what is public and what takes a body is the same in both", () => {
  for (const { method, path, access, body } of routes) {
    const { operation } = operations.find((one) => one.method === method && one.path === braces(path))
    assert.equal(operation.security?.length === 0, access === "PUBLIC", path)
    assert.equal(operation.requestBody !== undefined, body !== "NONE", path)
  }
})

test("every code is in the document, and no other", () => {
  const codes = (name, pattern) => [...read(name).matchAll(pattern)].map(([, code]) => code)
  const inTables = new Set([
    ...codes("common/err.def", /^ERR\(\w+,\s*"(\w+)"/gm),
    ...codes("api/problems.def", /^PROBLEM\(\w+,\s*"(\w+)"/gm),
  ])
  assert.deepEqual([...document.components.schemas.Code.enum].sort(), [...inTables].sort())
  const used = new Set(
    operations.flatMap(({ operation }) => Object.values(operation.responses).flatMap((one) => resolve(one)["x-codes"] ?? [])),
  )
  for (const code of used) assert.ok(inTables.has(code), code)
})

const fill = (path, id = conversation) => path.replaceAll(/:(id|user|session)/g, id)

test("every route that is not public refuses a stranger", async () => {
  for (const { method, path } of routes.filter(({ access }) => access !== "PUBLIC")) {
    const { status, code } = await stranger(site).call(method, fill(path))
    assert.deepEqual([status, code], [401, "unauthenticated"], `${method} ${path}`)
  }
})

test("a token that is nobody's is as good as none", async () => {
  for (const authorization of ["Bearer x", `Bearer ${"a".repeat(43)}`, "Bearer tk_x", `Bearer ${"a".repeat(5000)}`, "Bearer ", "Basic YTpi"]) {
    const { status } = await new Client(site, { authorization }).get("/me")
    assert.equal(status, 401, authorization)
  }
  assert.equal((await new Client(site, { cookie: "tidings_session=x" }).get("/me")).status, 401)
  assert.equal((await new Client(site, { ...ada.credentials, cookie: "tidings_session=x" }).get("/me")).status, 200)
  assert.equal((await new Client(site, { authorization: "Bearer x", cookie: ada.cookie }).get("/me")).status, 401)
  assert.equal((await new Client(site, { authorization: "Basic YTpi", cookie: ada.cookie }).get("/me")).status, 200)
  assert.equal((await new Client(site, { cookie: `tidings_session=${site.adminKey}` }).get("/me")).status, 401)
  assert.equal((await new Client(site, { authorization: `bearer ${ada.token}` }).get("/me")).status, 200)
})

const good = {
  messages_create: { message: "x" },
  marks_read: { up_to: 1 },
  marks_delivered: { up_to: 1 },
  marks_unread: { from: 1 },
  typing_create: { typing: true },
}

test("an outsider is told that there is no such conversation", async () => {
  for (const { method, path, handler } of routes.filter((route) => route.path.includes(":id"))) {
    const { status, code } = await eve.call(method, fill(path), { json: good[handler] })
    assert.deepEqual([status, code], [404, "not_found"], `${method} ${path}`)
    const inside = await bob.call(method, fill(path), { json: good[handler] })
    assert.ok(inside.status < 300, `${method} ${path}`)
  }
})

test("an id that is none, even in form, is not found", async () => {
  const ids = ["0", "00", "x", "-1", "1x", "1.0", "+1", "%31x", "9007199254740992", "99999999999999999999999", "1%2f2", "%20"]
  for (const { method, path, handler } of routes.filter((route) => route.path.includes(":")))
    for (const id of ids) {
      const { status } = await ada.call(method, fill(path, id), { json: good[handler] })
      assert.equal(status, 404, `${method} ${path} ${id}`)
    }
})

test("a path that is not quite one is not found", async () => {
  for (const path of ["/", "/health/", "/healthy", "/users//", "/conversations//messages", "/me/unread/x", "/HEALTH", "/messages/1"])
    assert.equal((await ada.get(path)).status, 404, path)
})

test("another method is answered with those that there are", async () => {
  const cases = [
    ["DELETE", "/health", "GET, HEAD"],
    ["PUT", "/users", "GET, HEAD, POST"],
    ["POST", "/me", "GET, HEAD, PATCH"],
    ["GET", "/sessions/current", "DELETE"],
    ["GET", `/conversations/${conversation}/read`, "POST"],
    ["OPTIONS", "/tickets", "POST"],
    ["PROPFIND", "/tickets", "POST"],
  ]
  for (const [method, path, allow] of cases) {
    const { status, headers } = await ada.call(method, path)
    assert.deepEqual([status, headers.allow], [405, allow], `${method} ${path}`)
  }
})

test("HEAD is GET without its body", async () => {
  const get = await ada.get("/me")
  const head = await ada.call("HEAD", "/me")
  assert.equal(head.status, 200)
  assert.equal(head.headers["content-length"], get.headers["content-length"])
  assert.equal((await ada.call("HEAD", "/nothing")).status, 404)
  assert.equal((await stranger(site).call("HEAD", "/me")).status, 401)
})

test("an API key may do what its scopes say", async () => {
  const key = async (...scopes) => new Client(site, { authorization: `Bearer ${await site.tidings("api-key", "test", ...scopes)}` })
  const reads = await key("read")
  const writes = await key("write")
  const all = await key()
  assert.equal((await reads.get("/me")).status, 200)
  assert.equal((await reads.post("/tickets", {})).code, "forbidden")
  assert.equal((await writes.get("/me")).code, "forbidden")
  assert.equal((await writes.post("/tickets", {})).status, 201)
  assert.equal((await all.get("/me")).body.role, "admin")
  assert.equal((await all.get(`/users/${ada.id}`)).body.email, null)
  assert.equal((await all.post("/me/password", { current_password: "x", new_password: "correct horse" })).code, "forbidden")
})
