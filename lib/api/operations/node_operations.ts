/** The node itself: health, numbers, who asks, what happens. */
import { z } from "zod";
import { Health, PolicyView, SignInLink, WhoAmI } from "../../schema/api.ts";
import { BackupAnswer } from "../../schema/backup.ts";
import { AuditList } from "../../schema/audit.ts";
import { DoctorAnswer, LimitList } from "../../schema/machine_view.ts";
import { NodeList } from "../../schema/node_view.ts";
import { AFTER, type Operation, PAGE } from "../operation.ts";

const Ready = z.object({ status: z.enum(["ready", "starting"]), node_id: z.string() });
const JsonDocument = z.record(z.string(), z.json());

export const NODE_OPERATIONS: readonly Operation[] = [
  {
    method: "GET",
    path: "/health",
    id: "health",
    role: null,
    summary: "Whether the node lives",
    answer: Health,
  },
  {
    method: "GET",
    path: "/ready",
    id: "ready",
    role: null,
    summary: "Whether the node takes work; 503 until it does",
    answer: Ready,
  },
  {
    method: "GET",
    path: "/metrics",
    id: "metrics",
    role: "viewer",
    summary: "The node in numbers, as Prometheus reads them",
    answer: "text/plain",
  },
  {
    method: "GET",
    path: "/api/v1/openapi.json",
    id: "openapi",
    role: null,
    summary: "This document",
    answer: JsonDocument,
  },
  {
    method: "GET",
    path: "/api/v1/tools.json",
    id: "tools",
    role: null,
    summary: "Endpoints as functions that a language model can call",
    answer: JsonDocument,
  },
  {
    method: "GET",
    path: "/api/v1/config.schema.json",
    id: "config_schema",
    role: null,
    summary: "The JSON Schema of the settings file",
    answer: JsonDocument,
  },
  {
    method: "GET",
    path: "/api/v1/policy",
    id: "policy",
    role: "viewer",
    summary: "What the tasks of each known scope may touch and use",
    answer: PolicyView,
  },
  {
    method: "GET",
    path: "/api/v1/limits",
    id: "limits",
    role: "viewer",
    summary: "What the node's machine has to hold tasks to their limits",
    answer: LimitList,
  },
  {
    method: "GET",
    path: "/api/v1/nodes",
    id: "list_nodes",
    role: "viewer",
    summary: "The nodes that share a room with this one",
    answer: NodeList,
  },
  {
    method: "GET",
    path: "/api/v1/doctor",
    id: "doctor",
    role: "admin",
    summary: "Whether the node, its database and its machine are as they should be",
    answer: DoctorAnswer,
  },
  {
    method: "GET",
    path: "/api/v1/whoami",
    id: "whoami",
    role: "viewer",
    summary: "Whom the token belongs to and what it may do",
    answer: WhoAmI,
  },
  {
    method: "POST",
    path: "/api/v1/sign-in-link",
    id: "sign_in_link",
    role: "viewer",
    summary: "A link that signs a browser in, once, as the token that asks",
    answer: SignInLink,
  },
  {
    method: "GET",
    path: "/api/v1/events",
    id: "events",
    role: "viewer",
    summary: "What happens in the node from now on",
    query: AFTER,
    answer: "text/event-stream",
  },
  {
    method: "GET",
    path: "/api/v1/audit",
    id: "list_audit",
    role: "admin",
    summary: "Who did what, newest first",
    query: {
      action: z.string().describe('Such as "dag.confirm"'),
      target: z.string().describe("Id of what it was done to"),
      token_id: z.string().describe("Who did it"),
      ...PAGE,
    },
    answer: AuditList,
  },
  {
    method: "POST",
    path: "/api/v1/backup",
    id: "backup",
    role: "admin",
    summary: "Copies the database into the data directory while the node runs, and checks the copy",
    answer: BackupAnswer,
  },
];
