// Many strangers at once, and the people who are there already.

import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { Proxied } from "../lib/fastcgi.mjs"
import { password, register, stranger } from "../lib/openapi.mjs"
import { startSite } from "../lib/site.mjs"

let site, ada

before(async () => {
  site = await startSite({ settings: { rate_register_address: 33, rate_login_address: 3 } })
  ada = await register(site, "ada")
})
after(() => site.stop())

let number = 0
const signUp = (client, more) => client.post("/users", { username: `person${++number}`, name: "X", password, ...more })
const from = (address) => new Proxied(site, { "x-real-ip": address })

test("while thirty register, everybody else is answered, and then they are", async () => {
  const locks = ["argon2.0.lock", "argon2.1.lock"].map((name) => join(site.runDir, name))
  const holders = locks.map((lock) => spawn("flock", [lock, "sh", "-c", "echo held; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"], detached: true }))
  await Promise.all(holders.map((holder) => new Promise((done) => holder.stdout.once("data", done))))
  let made = 0
  const answers = Array.from({ length: 30 }, () => signUp(stranger(site)).then(({ status }) => assert.equal(status, 201)).then(() => made++))
  for (const path of ["/me", "/start", "/conversations"]) assert.equal((await ada.get(path)).status, 200)
  assert.equal(made, 0)
  for (const { pid } of holders) process.kill(-pid, "SIGKILL")
  await Promise.all(answers)
})

test("a name that is taken costs no hash", async () => {
  const start = Date.now()
  for (let i = 0; i < 10; i++) assert.equal((await signUp(from("203.0.113.1"), { username: "ADA" })).code, "username_taken")
  for (let i = 0; i < 10; i++) assert.equal((await signUp(from("203.0.113.2"), { invitation: "x" })).code, "gone")
  const cheap = Date.now() - start
  await signUp(from("203.0.113.1"))
  const one = Date.now() - start - cheap
  assert.ok(cheap < 10 * one, `${cheap} ms for twenty refusals, ${one} ms for a registration`)
})

test("registrations are counted by address, good ones and bad ones", async () => {
  const name = { username: "ada" }
  for (let i = 0; i < 33; i++) assert.equal((await signUp(from("203.0.113.3"), name)).status, 409)
  const { status, code, headers } = await signUp(from("203.0.113.3"), name)
  assert.deepEqual([status, code], [429, "rate_limited"])
  assert.ok(headers["retry-after"] >= 1 && headers["retry-after"] <= 301)
  // What is not even valid is not counted, and others are not concerned.
  assert.equal((await signUp(from("203.0.113.3"), { name: "" })).code, "too_short")
  assert.equal((await signUp(from("203.0.113.4"), name)).status, 409)
  // Nor do they count as failed log-ins.
  assert.equal((await from("203.0.113.3").post("/sessions", { username: "ada", password })).status, 201)
})
