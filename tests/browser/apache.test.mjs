// The same pages behind Apache, whose way to the notifier is another.
import assert from "node:assert/strict"
import { test } from "node:test"
import { eventually, inConversation, limit, setUp } from "./lib.mjs"

const world = setUp({ web: "apache" })

for (const [open, path] of [[["websocket", "rest"], "/ws"], [["sse", "rest"], "/events"]]) {
  test(`everything is live over ${open[0]}, and again after the notifier was away`, async () => {
    const ways = { open }
    const [ada, grace] = await inConversation(world, (context) => limit(context, ways))
    await grace.write(ada, "there")
    await ada.sees(["hello", "there"])
    if (path === "/events") {
      await eventually(() => assert.ok(ways.asked.includes(path)))
      assert.equal(ways.asked.includes("/api/v1/events"), false)
    }

    await world.site.notifier.stop()
    await grace.write(ada, "while it was away")
    await ada.say("from here")
    await world.site.notifier.start()
    await ada.sees(["hello", "there", "while it was away", "from here"])
    await ada.seesBadge("Grace", 0)
  })
}
