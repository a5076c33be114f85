// The REST calls of the client library.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { Api } from "../../www/js/tidings/api.js"
import { fakeFetch, problem } from "./fakes.mjs"

const routes = [...readFileSync(new URL("../../api/routes.def", import.meta.url), "utf8")
  .matchAll(/^ROUTE\((\w+), *"\/api\/v1([^"]+)"/gm)]
  .map(([, method, path]) => `${method} ${path.replace(/:\w+/g, ":id")}`)
  .filter((route) => !/ \/(health|ready)$/.test(route))

test("there is a method for every endpoint, in the order of routes.def", async () => {
  const fetch = fakeFetch(() => ({}))
  const api = new Api({ fetch })
  const other = new Set(["constructor", "url", "hasToken", "headers", "page", "streamUrl"])
  for (const name of Object.getOwnPropertyNames(Api.prototype).filter((name) => !other.has(name)))
    await api[name](7, {})
  const called = fetch.calls.map(({ method, path }) => `${method} ${path}`.replace("/api/v1", "").replace(/\?.*/, "").replace(/\b7\b/g, ":id"))
  assert.deepEqual(called, routes)
})

test("a refusal tells its code, what is wrong with which field, and when to come back", async () => {
  const answers = [
    () => new Response('{"code":"too_short","errors":[{"field":"password","code":"too_short"}]}', { status: 422 }),
    () => problem(429, "rate_limited", { "Retry-After": "7" }),
    () => new Response("<html>Bad Gateway</html>", { status: 502 }),
    () => { throw new TypeError("network") },
  ]
  const api = new Api({ fetch: fakeFetch(() => answers.shift()()) })
  await assert.rejects(api.register({}), { status: 422, code: "too_short", errors: [{ field: "password", code: "too_short" }], passing: false })
  await assert.rejects(api.start(), { status: 429, retry_after_ms: 7000, passing: true })
  await assert.rejects(api.start(), { status: 502, code: "unknown", passing: true })
  await assert.rejects(api.start(), { status: 0, code: "network", passing: true })
})

test("what is set is in the query, written as a query is", async () => {
  const fetch = fakeFetch(() => ({ items: [] }))
  const api = new Api({ fetch })
  await api.findUsers("a&b=c d")
  await api.messages(7, { before: undefined, limit: 50 })
  await api.page("/api/v1/conversations?cursor=x%2Fy")
  assert.deepEqual(fetch.calls.map(({ path }) => path), [
    "/api/v1/users?query=a%26b%3Dc+d",
    "/api/v1/conversations/7/messages?limit=50",
    "/api/v1/conversations?cursor=x%2Fy",
  ])
  assert.throws(() => api.page("https://elsewhere.example/"), TypeError)
})

test("a token goes into the header, asked for anew at every call", async () => {
  let token = 0
  const fetch = fakeFetch(() => ({}))
  const api = new Api({ url: "https://chat.example/", token: async () => `t${++token}`, fetch })
  await api.start()
  await api.start()
  assert.deepEqual(fetch.calls.map(({ headers }) => headers.Authorization), ["Bearer t1", "Bearer t2"])
})
