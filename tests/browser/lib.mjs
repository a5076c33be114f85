// People at their browsers: a Chromium for a test file, a context for each
// person, and what they do and see, said in words.

import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before } from "node:test"
import { chromium } from "playwright-core"
import { startSite } from "../lib/site.mjs"

const ARGUMENTS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
]

// How long anything may take that is to happen by itself.
const SOON_MS = 15_000

// For a test file: a site and a browser, begun before its tests and ended
// after them.
export function setUp(options) {
  const world = { site: null, browser: null }
  // Chromium does not always take away all that it made, so it has a place of
  // its own for that.
  const scratch = mkdtempSync(join(tmpdir(), "chromium-"))
  before(async () => {
    world.site = await startSite(options)
    world.browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: ARGUMENTS,
      env: { ...process.env, TMPDIR: scratch },
    })
  })
  after(async () => {
    await world.browser?.close()
    await world.site?.stop()
    rmSync(scratch, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  })
  return world
}

// Ada, who has the conversation with Grace open in which Grace said hello.
export async function inConversation(world, prepare) {
  const [ada, grace] = await Promise.all([person(world, "Ada", { prepare }), person(world, "Grace")])
  await grace.write(ada, "hello")
  await ada.openInbox()
  await ada.openConversationWith("Grace")
  await ada.sees(["hello"])
  return [ada, grace]
}

// The ways to the site, each of which a test may close: those in open stay.
// ways.asked: the paths that were asked for.
export async function limit(context, ways) {
  ways.asked = []
  context.on("request", (request) => ways.asked.push(new URL(request.url()).pathname))
  await context.routeWebSocket(/\/ws/, (socket) => {
    if (ways.open.includes("websocket")) socket.connectToServer()
    else socket.close()
  })
  await context.route((url) => /^\/(events|api)/.test(url.pathname), (route) => {
    const way = new URL(route.request().url()).pathname === "/events" ? "sse" : "rest"
    return ways.open.includes(way) ? route.continue() : route.abort()
  })
}

let people = 0

// Somebody with an account, logged in, before an empty page.
export async function person(world, name, options) {
  const visitor = await stranger(world, options)
  visitor.name = name
  visitor.username = `${name.toLowerCase().replace(/[^a-z]+/g, "") || "somebody"}${++people}`
  await visitor.post("/users", { name, username: visitor.username, password: PASSWORD })
  visitor.me = (await visitor.post("/sessions", { username: visitor.username, password: PASSWORD })).user
  return visitor
}

export const PASSWORD = "seven blue umbrellas"

// Somebody with a browser of their own, and no account yet.  options: as for
// Playwright's newContext; prepare(context) runs before the first page.
export async function stranger({ site, browser }, { prepare, ...options } = {}) {
  const context = await browser.newContext(options)
  await prepare?.(context)
  const visitor = new Person(site, context)
  await visitor.newTab()
  return visitor
}

export class Person {
  problems = []

  constructor(site, context) {
    this.site = site
    this.context = context
    context.setDefaultTimeout(SOON_MS)
  }

  // From now on what the person sees is in the new tab.
  async newTab() {
    this.page = await this.context.newPage()
    this.page.on("pageerror", (error) => this.problems.push(String(error)))
    this.page.on("console", (message) => message.type() === "error" && this.problems.push(message.text()))
    return this.page
  }

  async goto(path) {
    await this.page.goto(this.site.url + path)
  }

  // A call of the API with the person's cookie, as their page would make it.
  async post(path, data) {
    const response = await this.context.request.post(`${this.site.url}/api/v1${path}`, {
      data,
      headers: { Origin: this.site.url, "Sec-Fetch-Site": "same-origin" },
    })
    assert.ok(response.ok(), `${path}: ${response.status()} ${await response.text()}`)
    return response.status() === 204 ? null : response.json()
  }

  // A message sent by the API, not by the page.
  async write(to, message) {
    return this.post("/messages", { to: to.me.id, message })
  }

  async openInbox() {
    await this.goto("/")
    await this.page.waitForSelector("[data-app]:not([hidden])")
  }

  async openConversationWith(name) {
    await this.listed(name).click()
    await this.page.waitForSelector("[data-open]:not([hidden])")
  }

  // The entry of the conversation with somebody in the list.
  listed(name) {
    return this.page.locator("[data-conversations] [data-conversation]", { has: this.page.getByText(name, { exact: true }) })
  }

  async type(text) {
    await this.page.fill("[data-composer] textarea", text)
  }

  async say(text) {
    await this.type(text)
    await this.page.keyboard.press("Enter")
  }

  // The texts that are shown, in order.
  texts() {
    return this.page.locator("[data-message] [data-body]").allTextContents()
  }

  async sees(expected) {
    await eventually(async () => assert.deepEqual(await this.texts(), expected))
  }

  // The unread count beside somebody's name, 0 where there is none.
  badge(name) {
    return this.listed(name).locator("[data-badge]").evaluate((badge) =>
      badge.hidden ? 0 : Number(badge.querySelector("[data-count]").textContent))
  }

  async seesBadge(name, count, page = this.page) {
    const other = Object.assign(Object.create(this), { page })
    const title = count ? `(${count}) Tidings` : "Tidings"
    await eventually(async () => {
      assert.equal(await other.badge(name), count)
      assert.equal(await page.title(), title)
    })
  }

  // How far one's own message has come.
  async seesTick(text, state) {
    const tick = this.page.locator("[data-message]", { has: this.page.getByText(text, { exact: true }) }).locator("[data-tick]")
    await eventually(async () => assert.equal(await tick.getAttribute("data-state"), state))
  }

  assertNoProblems() {
    assert.deepEqual(this.problems, [])
  }
}

// Until check() no longer fails; then its failure is the test's.
export async function eventually(check) {
  const deadline_ms = Date.now() + SOON_MS
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (Date.now() > deadline_ms) throw error
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }
}
