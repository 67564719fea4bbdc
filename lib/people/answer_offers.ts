/**
 * The node's own ✅ and ❌ on what waits for an answer: a tap on one of them is the same reaction of a
 * person's, and nobody has to look for the sign. The node's own are nobody's answer.
 */
import { sendEvent } from "../matrix/room_content.ts";
import { HomeserverError, type HomeserverRequest } from "../matrix/homeserver_request.ts";
import { SIGNS } from "./said.ts";

/** Puts them there; under the numbers made from `txn` however often that is tried. @throws {HomeserverError} */
export async function offerAnswers(
  { room, request }: { readonly room: string; readonly request: HomeserverRequest },
  { eventId, txn }: { readonly eventId: string; readonly txn: string },
): Promise<void> {
  for (const key of SIGNS) {
    const relation = { rel_type: "m.annotation", event_id: eventId, key };
    const event = {
      type: "m.reaction",
      txn: `${txn}.${key === "✅" ? "yes" : "no"}`,
      content: JSON.stringify({ "m.relates_to": relation }),
    };
    await sendEvent(request, room, event).catch((error) => {
      // A sign that the room doesn't take, as one that is there already, is no reason to say nothing.
      if (!(error instanceof HomeserverError) || error.isPassing) throw error;
    });
  }
}
