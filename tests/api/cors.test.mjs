// Pages of allowed_origins may read the answers; pages from elsewhere may not.

import assert from "node:assert/strict"
import { after, before, describe, test } from "node:test"
import { Client, operations, register, send, stranger } from "../lib/openapi.mjs"
import { startSite } from "../lib/site.mjs"

const shop = "https://shop.example"
const listed = [shop, "http://localhost:3000"]
const unlisted = ["https://evil.example", "https://shop.example.evil.example", "http://shop.example", "shop.example", "null", "*", ""]

for (const web of ["nginx", "apache"])
  describe(`behind ${web}`, () => {
    let site, ada

    before(async () => {
      site = await startSite({ web, settings: { allowed_origins: listed.join(" ") } })
      ada = await register(site, "ada")
      await register(site, "bob")
    })
    after(() => site.stop())

    const cors = ({ headers }) => Object.fromEntries(Object.entries(headers).filter(([name]) => /^access-control-|^vary$/.test(name)))
    const preflight = (path, headers) =>
      send(`${site.url}/api/v1${path}`, { method: "OPTIONS", headers: { "access-control-request-method": "POST", ...headers } })

    test("an answer is for the origin that asked", async () => {
      for (const origin of listed) {
        const expected = {
          "access-control-allow-origin": origin,
          "access-control-allow-credentials": "true",
          "access-control-expose-headers": "Link, Retry-After, Idempotent-Replayed",
          vary: "Origin",
        }
        const browser = new Client(site, { cookie: ada.cookie, origin, "sec-fetch-site": "cross-site" })
        assert.deepEqual(cors(await browser.get("/me")), expected)
        const sent = await browser.post("/messages", { to: "bob", message: "from a shop" })
        assert.deepEqual([sent.status, cors(sent)], [201, expected])
        // What went wrong can be read too.
        assert.deepEqual(cors(await stranger(site).get("/me", { headers: { origin } })), expected)
        assert.deepEqual(cors(await browser.get("/nothing")), expected)
        assert.deepEqual(cors(await browser.post("/messages", {})), expected)
      }
    })

    test("an origin that is not listed is told nothing", async () => {
      for (const origin of unlisted) {
        assert.deepEqual(cors(await ada.get("/me", { headers: { origin } })), {}, origin)
        const answer = await preflight("/messages", { origin })
        assert.deepEqual([answer.status, answer.headers.allow, cors(answer)], [405, "POST", {}], origin)
      }
      assert.deepEqual(cors(await ada.get("/me")), {})
    })

    test("every path answers a preflight", async () => {
      for (const { path, method } of operations) {
        const answer = await preflight(path.replaceAll(/\{\w+\}/g, "1"), { origin: shop })
        assert.deepEqual([answer.status, answer.text], [204, ""], path)
        const { headers } = answer
        assert.equal(headers["access-control-allow-origin"], shop)
        assert.ok(headers["access-control-allow-methods"].split(", ").includes(method), path)
        assert.equal(headers["access-control-allow-headers"], "Authorization, Content-Type, Idempotency-Key")
        assert.equal(headers["access-control-max-age"], "600")
      }
    })

    test("what is no preflight is no method", async () => {
      const options = await send(`${site.url}/api/v1/me`, { method: "OPTIONS", headers: { origin: shop } })
      assert.deepEqual([options.status, options.headers.allow], [405, "GET, HEAD, PATCH"])
      assert.equal((await preflight("/nothing", { origin: shop })).status, 404)
      const put = await ada.call("PUT", "/me", { headers: { origin: shop, "access-control-request-method": "PUT" } })
      assert.equal(put.status, 405)
    })
  })
