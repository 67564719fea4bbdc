import assert from "node:assert/strict";
import { COMMANDS, parseRoomCommand } from "../../lib/people/room_command.ts";

Deno.test("commands are read as they are written", () => {
  const cases: [string, object | undefined][] = [
    ["!dag", { verb: "help" }],
    ["!dag help", { verb: "help" }],
    ["  !DAG List  ", { verb: "list" }],
    ["!dag show story", { verb: "show", id: "story" }],
    ["!dag status dag-run-1", { verb: "status", id: "dag-run-1" }],
    ["!dag confirm story", { verb: "confirm", id: "story" }],
    ["!dag confirm story  ABC0", { verb: "confirm", id: "story", specHash: "abc0" }],
    ["!dag reject story not on\na Friday", {
      verb: "reject",
      id: "story",
      reason: "not on\na Friday",
    }],
    ["!dag cancel r1", { verb: "cancel", id: "r1" }],
    ["!dag retry r1", { verb: "retry", id: "r1" }],
    ["!dag logs r1", { verb: "logs", id: "r1" }],
    ["!worker status", { verb: "workers" }],
    ["> <@a:b> what waits?\n> really\n\n!dag list", { verb: "list" }],
    ["hello", undefined],
    ["say !dag help", undefined],
    ["!dagger", undefined],
    ["", undefined],
    ["> !dag confirm story", undefined],
  ];
  for (const [text, command] of cases) assert.deepEqual(parseRoomCommand(text), command, text);
});

Deno.test("a document is taken from its code block, or as it stands", () => {
  const text = "dag_id: a\ntasks:\n  - id: b";
  for (
    const [message, spec] of [
      [`!dag publish\n\`\`\`yaml\n${text}\n\`\`\``, { text, format: "yaml" }],
      [`!dag publish \`\`\`yml\n${text}\n\`\`\`\n`, { text, format: "yaml" }],
      [`!dag publish\n\`\`\`\n${text}\n\`\`\``, { text }],
      [`!dag publish\n\`\`\`python\n${text}\n\`\`\``, { text }],
      [`!dag publish\n${text}`, { text }],
      ['!dag publish ```json\n{"a": 1}\n```', { text: '{"a": 1}', format: "json" }],
    ] as const
  ) assert.deepEqual(parseRoomCommand(message), { verb: "publish", spec }, message);
  assert.deepEqual(parseRoomCommand("!dag publish"), { verb: "publish" });
});

Deno.test("what is no command, or only half of one, is answered with how it is said", () => {
  for (
    const [text, why] of [
      ["!dag confirm", "say it so: !dag confirm <id> [hash]"],
      ["!dag reject story", "say it so: !dag reject <id> <reason>"],
      ["!dag cancel", "say it so: !dag cancel <run>"],
      ["!dag dance", "there is no command !dag dance; see !dag help"],
      ["!worker restart a", "workers have one command: !worker status"],
    ]
  ) assert.deepEqual(parseRoomCommand(text ?? ""), { verb: "wrong", why });
});

Deno.test("every command of the help is one", () => {
  for (const [usage] of COMMANDS) {
    const said = usage.replace(/ \[hash\]/, "").replaceAll(/<[^>]+>/g, "x");
    assert.notEqual(parseRoomCommand(said)?.verb, "wrong", usage);
  }
});
