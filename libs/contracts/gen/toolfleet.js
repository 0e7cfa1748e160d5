/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/light.js";

const $root = ($protobuf.roots["toolfleet"] || ($protobuf.roots["toolfleet"] = new $protobuf.Root()))
.addJSON({
  "toolfleet": {
    "nested": {
      "audit": {
        "nested": {
          "v1": {
            "nested": {
              "AuditRecord": {
                "fields": {
                  "tenant": {
                    "type": "string",
                    "id": 1
                  },
                  "sessionId": {
                    "type": "string",
                    "id": 2,
                    "protoName": "session_id"
                  },
                  "callId": {
                    "type": "string",
                    "id": 3,
                    "protoName": "call_id"
                  },
                  "atMs": {
                    "type": "int64",
                    "id": 4,
                    "protoName": "at_ms"
                  },
                  "recordedBy": {
                    "type": "string",
                    "id": 5,
                    "protoName": "recorded_by"
                  },
                  "actor": {
                    "type": "string",
                    "id": 6
                  },
                  "action": {
                    "type": "string",
                    "id": 7
                  },
                  "tool": {
                    "type": "string",
                    "id": 8
                  },
                  "toolVersion": {
                    "type": "string",
                    "id": 9,
                    "protoName": "tool_version"
                  },
                  "argumentsDigest": {
                    "type": "bytes",
                    "id": 10,
                    "protoName": "arguments_digest"
                  },
                  "policyRevision": {
                    "type": "string",
                    "id": 11,
                    "protoName": "policy_revision"
                  },
                  "rule": {
                    "type": "string",
                    "id": 12
                  },
                  "outcome": {
                    "type": "string",
                    "id": 13
                  },
                  "latencyMs": {
                    "type": "int64",
                    "id": 14,
                    "protoName": "latency_ms"
                  },
                  "idempotencyKey": {
                    "type": "string",
                    "id": 15,
                    "protoName": "idempotency_key"
                  }
                }
              }
            }
          }
        }
      },
      "catalog": {
        "nested": {
          "v1": {
            "nested": {
              "CatalogEntry": {
                "fields": {
                  "kind": {
                    "type": "string",
                    "id": 1
                  },
                  "name": {
                    "type": "string",
                    "id": 2
                  },
                  "revision": {
                    "type": "string",
                    "id": 3
                  },
                  "manifest": {
                    "type": "bytes",
                    "id": 4
                  }
                }
              },
              "CatalogService": {
                "methods": {
                  "ListTools": {
                    "requestType": "ListToolsRequest",
                    "responseType": "ListToolsResponse"
                  },
                  "PreviewSelection": {
                    "requestType": "PreviewSelectionRequest",
                    "responseType": "PreviewSelectionResponse"
                  }
                }
              },
              "ToolSummary": {
                "fields": {
                  "name": {
                    "type": "string",
                    "id": 1
                  },
                  "version": {
                    "type": "string",
                    "id": 2
                  },
                  "description": {
                    "type": "string",
                    "id": 3
                  },
                  "toolClass": {
                    "type": "string",
                    "id": 4,
                    "protoName": "tool_class"
                  },
                  "effect": {
                    "type": "string",
                    "id": 5
                  },
                  "owner": {
                    "type": "string",
                    "id": 6
                  },
                  "parameters": {
                    "type": "bytes",
                    "id": 7
                  }
                }
              },
              "ListToolsRequest": {
                "fields": {
                  "tenant": {
                    "type": "string",
                    "id": 1
                  },
                  "agent": {
                    "type": "string",
                    "id": 2
                  }
                }
              },
              "ListToolsResponse": {
                "fields": {
                  "tools": {
                    "rule": "repeated",
                    "type": "ToolSummary",
                    "id": 1
                  },
                  "revision": {
                    "type": "string",
                    "id": 2
                  }
                }
              },
              "PreviewSelectionRequest": {
                "fields": {
                  "tenant": {
                    "type": "string",
                    "id": 1
                  },
                  "agent": {
                    "type": "string",
                    "id": 2
                  },
                  "input": {
                    "type": "string",
                    "id": 3
                  }
                }
              },
              "PreviewSelectionResponse": {
                "fields": {
                  "tools": {
                    "rule": "repeated",
                    "type": "ScoredTool",
                    "id": 1
                  }
                }
              },
              "ScoredTool": {
                "fields": {
                  "name": {
                    "type": "string",
                    "id": 1
                  },
                  "score": {
                    "type": "double",
                    "id": 2
                  }
                }
              }
            }
          }
        }
      },
      "deadletter": {
        "nested": {
          "v1": {
            "nested": {
              "DeadLetter": {
                "fields": {
                  "topic": {
                    "type": "string",
                    "id": 1
                  },
                  "partition": {
                    "type": "int32",
                    "id": 2
                  },
                  "offset": {
                    "type": "int64",
                    "id": 3
                  },
                  "group": {
                    "type": "string",
                    "id": 4
                  },
                  "deliveryCount": {
                    "type": "int32",
                    "id": 5,
                    "protoName": "delivery_count"
                  },
                  "refusal": {
                    "type": "toolfleet.refusal.v1.Refusal",
                    "id": 6
                  },
                  "firstFailedAtMs": {
                    "type": "int64",
                    "id": 7,
                    "protoName": "first_failed_at_ms"
                  },
                  "key": {
                    "type": "bytes",
                    "id": 8
                  },
                  "value": {
                    "type": "bytes",
                    "id": 9
                  }
                }
              }
            }
          }
        }
      },
      "refusal": {
        "nested": {
          "v1": {
            "nested": {
              "Refusal": {
                "oneofs": {
                  "_retryAfterMs": {
                    "oneof": [
                      "retryAfterMs"
                    ]
                  },
                  "_remainingBudget": {
                    "oneof": [
                      "remainingBudget"
                    ]
                  }
                },
                "fields": {
                  "kind": {
                    "type": "Kind",
                    "id": 1
                  },
                  "reason": {
                    "type": "string",
                    "id": 2
                  },
                  "message": {
                    "type": "string",
                    "id": 3
                  },
                  "retryable": {
                    "type": "bool",
                    "id": 4
                  },
                  "retryAfterMs": {
                    "type": "int64",
                    "id": 5,
                    "protoName": "retry_after_ms",
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "hint": {
                    "type": "string",
                    "id": 6
                  },
                  "alternatives": {
                    "rule": "repeated",
                    "type": "string",
                    "id": 7
                  },
                  "remainingBudget": {
                    "type": "int64",
                    "id": 8,
                    "protoName": "remaining_budget",
                    "options": {
                      "proto3_optional": true
                    }
                  },
                  "details": {
                    "keyType": "string",
                    "type": "string",
                    "id": 9
                  }
                }
              },
              "Kind": {
                "values": {
                  "KIND_UNSPECIFIED": 0,
                  "KIND_INVALID": 1,
                  "KIND_DENIED": 2,
                  "KIND_MISSING": 3,
                  "KIND_CONFLICT": 4,
                  "KIND_OVERLOADED": 5,
                  "KIND_UNREACHABLE": 6,
                  "KIND_EXPIRED": 7,
                  "KIND_BROKEN": 8
                }
              }
            }
          }
        }
      },
      "policy": {
        "nested": {
          "v1": {
            "nested": {
              "PolicyBundle": {
                "fields": {
                  "revision": {
                    "type": "string",
                    "id": 1
                  },
                  "compiledAtMs": {
                    "type": "int64",
                    "id": 2,
                    "protoName": "compiled_at_ms"
                  },
                  "rules": {
                    "rule": "repeated",
                    "type": "Rule",
                    "id": 3
                  }
                }
              },
              "RuleEffect": {
                "values": {
                  "RULE_EFFECT_UNSPECIFIED": 0,
                  "RULE_EFFECT_ALLOW": 1,
                  "RULE_EFFECT_DENY": 2,
                  "RULE_EFFECT_REVIEW": 3
                }
              },
              "Rule": {
                "fields": {
                  "name": {
                    "type": "string",
                    "id": 1
                  },
                  "effect": {
                    "type": "RuleEffect",
                    "id": 2
                  },
                  "tenants": {
                    "rule": "repeated",
                    "type": "string",
                    "id": 3
                  },
                  "roles": {
                    "rule": "repeated",
                    "type": "string",
                    "id": 4
                  },
                  "tools": {
                    "rule": "repeated",
                    "type": "string",
                    "id": 5
                  },
                  "when": {
                    "type": "string",
                    "id": 6
                  },
                  "reason": {
                    "type": "string",
                    "id": 7
                  },
                  "approversNeeded": {
                    "type": "int32",
                    "id": 8,
                    "protoName": "approvers_needed"
                  }
                }
              },
              "PolicyService": {
                "methods": {
                  "ListApprovals": {
                    "requestType": "ListApprovalsRequest",
                    "responseType": "ListApprovalsResponse"
                  },
                  "DecideApproval": {
                    "requestType": "DecideApprovalRequest",
                    "responseType": "DecideApprovalResponse"
                  },
                  "ExplainCall": {
                    "requestType": "ExplainCallRequest",
                    "responseType": "ExplainCallResponse"
                  }
                }
              },
              "ApprovalState": {
                "values": {
                  "APPROVAL_STATE_UNSPECIFIED": 0,
                  "APPROVAL_STATE_PENDING": 1,
                  "APPROVAL_STATE_APPROVED": 2,
                  "APPROVAL_STATE_REFUSED": 3,
                  "APPROVAL_STATE_EXPIRED": 4
                }
              },
              "Approval": {
                "fields": {
                  "tenant": {
                    "type": "string",
                    "id": 1
                  },
                  "callId": {
                    "type": "string",
                    "id": 2,
                    "protoName": "call_id"
                  },
                  "sessionId": {
                    "type": "string",
                    "id": 3,
                    "protoName": "session_id"
                  },
                  "tool": {
                    "type": "string",
                    "id": 4
                  },
                  "arguments": {
                    "type": "bytes",
                    "id": 5
                  },
                  "argumentsDigest": {
                    "type": "bytes",
                    "id": 6,
                    "protoName": "arguments_digest"
                  },
                  "policyRevision": {
                    "type": "string",
                    "id": 7,
                    "protoName": "policy_revision"
                  },
                  "rule": {
                    "type": "string",
                    "id": 8
                  },
                  "reason": {
                    "type": "string",
                    "id": 9
                  },
                  "requestedBy": {
                    "type": "string",
                    "id": 10,
                    "protoName": "requested_by"
                  },
                  "state": {
                    "type": "ApprovalState",
                    "id": 11
                  },
                  "requestedAtMs": {
                    "type": "int64",
                    "id": 12,
                    "protoName": "requested_at_ms"
                  },
                  "expiresAtMs": {
                    "type": "int64",
                    "id": 13,
                    "protoName": "expires_at_ms"
                  },
                  "approvedBy": {
                    "rule": "repeated",
                    "type": "string",
                    "id": 14,
                    "protoName": "approved_by"
                  },
                  "approversNeeded": {
                    "type": "int32",
                    "id": 15,
                    "protoName": "approvers_needed"
                  }
                }
              },
              "ListApprovalsRequest": {
                "fields": {
                  "tenant": {
                    "type": "string",
                    "id": 1
                  },
                  "pageSize": {
                    "type": "int32",
                    "id": 2,
                    "protoName": "page_size"
                  }
                }
              },
              "ListApprovalsResponse": {
                "fields": {
                  "approvals": {
                    "rule": "repeated",
                    "type": "Approval",
                    "id": 1
                  }
                }
              },
              "DecideApprovalRequest": {
                "fields": {
                  "tenant": {
                    "type": "string",
                    "id": 1
                  },
                  "callId": {
                    "type": "string",
                    "id": 2,
                    "protoName": "call_id"
                  },
                  "approve": {
                    "type": "bool",
                    "id": 3
                  },
                  "decidedBy": {
                    "type": "string",
                    "id": 4,
                    "protoName": "decided_by"
                  },
                  "comment": {
                    "type": "string",
                    "id": 5
                  }
                }
              },
              "DecideApprovalResponse": {
                "fields": {
                  "approval": {
                    "type": "Approval",
                    "id": 1
                  }
                }
              },
              "ExplainCallRequest": {
                "fields": {
                  "tenant": {
                    "type": "string",
                    "id": 1
                  },
                  "user": {
                    "type": "string",
                    "id": 2
                  },
                  "roles": {
                    "rule": "repeated",
                    "type": "string",
                    "id": 3
                  },
                  "tool": {
                    "type": "string",
                    "id": 4
                  },
                  "arguments": {
                    "type": "bytes",
                    "id": 5
                  }
                }
              },
              "ExplainCallResponse": {
                "fields": {
                  "effect": {
                    "type": "RuleEffect",
                    "id": 1
                  },
                  "rule": {
                    "type": "string",
                    "id": 2
                  },
                  "policyRevision": {
                    "type": "string",
                    "id": 3,
                    "protoName": "policy_revision"
                  },
                  "refusal": {
                    "type": "toolfleet.refusal.v1.Refusal",
                    "id": 4
                  },
                  "toolEffect": {
                    "type": "toolfleet.toolcall.v1.Effect",
                    "id": 5,
                    "protoName": "tool_effect"
                  }
                }
              }
            }
          }
        }
      },
      "toolcall": {
        "nested": {
          "v1": {
            "nested": {
              "Effect": {
                "values": {
                  "EFFECT_UNSPECIFIED": 0,
                  "EFFECT_READ": 1,
                  "EFFECT_WRITE": 2
                }
              },
              "ToolCall": {
                "fields": {
                  "tenant": {
                    "type": "string",
                    "id": 1
                  },
                  "sessionId": {
                    "type": "string",
                    "id": 2,
                    "protoName": "session_id"
                  },
                  "callId": {
                    "type": "string",
                    "id": 3,
                    "protoName": "call_id"
                  },
                  "tool": {
                    "type": "string",
                    "id": 4
                  },
                  "toolVersion": {
                    "type": "string",
                    "id": 5,
                    "protoName": "tool_version"
                  },
                  "toolClass": {
                    "type": "string",
                    "id": 6,
                    "protoName": "tool_class"
                  },
                  "effect": {
                    "type": "Effect",
                    "id": 7
                  },
                  "arguments": {
                    "type": "bytes",
                    "id": 8
                  },
                  "conflictKey": {
                    "type": "string",
                    "id": 9,
                    "protoName": "conflict_key"
                  },
                  "deadlineAtMs": {
                    "type": "int64",
                    "id": 10,
                    "protoName": "deadline_at_ms"
                  },
                  "idempotencyKey": {
                    "type": "string",
                    "id": 11,
                    "protoName": "idempotency_key"
                  },
                  "user": {
                    "type": "string",
                    "id": 12
                  },
                  "receipt": {
                    "type": "AuthorisationReceipt",
                    "id": 13
                  }
                }
              },
              "AuthorisationReceipt": {
                "fields": {
                  "keyId": {
                    "type": "string",
                    "id": 1,
                    "protoName": "key_id"
                  },
                  "issuer": {
                    "type": "string",
                    "id": 2
                  },
                  "policyRevision": {
                    "type": "string",
                    "id": 3,
                    "protoName": "policy_revision"
                  },
                  "rule": {
                    "type": "string",
                    "id": 4
                  },
                  "argumentsDigest": {
                    "type": "bytes",
                    "id": 5,
                    "protoName": "arguments_digest"
                  },
                  "expiresAtMs": {
                    "type": "int64",
                    "id": 6,
                    "protoName": "expires_at_ms"
                  },
                  "signature": {
                    "type": "bytes",
                    "id": 7
                  }
                }
              },
              "ToolCallReview": {
                "fields": {
                  "call": {
                    "type": "ToolCall",
                    "id": 1
                  },
                  "rule": {
                    "type": "string",
                    "id": 2
                  },
                  "reason": {
                    "type": "string",
                    "id": 3
                  },
                  "policyRevision": {
                    "type": "string",
                    "id": 4,
                    "protoName": "policy_revision"
                  },
                  "expiresAtMs": {
                    "type": "int64",
                    "id": 5,
                    "protoName": "expires_at_ms"
                  },
                  "approversNeeded": {
                    "type": "int32",
                    "id": 6,
                    "protoName": "approvers_needed"
                  },
                  "agent": {
                    "type": "string",
                    "id": 7
                  }
                }
              },
              "Observation": {
                "fields": {
                  "callId": {
                    "type": "string",
                    "id": 1,
                    "protoName": "call_id"
                  },
                  "outcome": {
                    "type": "Outcome",
                    "id": 2
                  },
                  "result": {
                    "type": "bytes",
                    "id": 3
                  },
                  "contentType": {
                    "type": "string",
                    "id": 4,
                    "protoName": "content_type"
                  },
                  "refusal": {
                    "type": "toolfleet.refusal.v1.Refusal",
                    "id": 5
                  },
                  "startedAtMs": {
                    "type": "int64",
                    "id": 6,
                    "protoName": "started_at_ms"
                  },
                  "finishedAtMs": {
                    "type": "int64",
                    "id": 7,
                    "protoName": "finished_at_ms"
                  },
                  "artifact": {
                    "type": "string",
                    "id": 8
                  },
                  "resultBytes": {
                    "type": "int64",
                    "id": 9,
                    "protoName": "result_bytes"
                  }
                }
              },
              "Outcome": {
                "values": {
                  "OUTCOME_UNSPECIFIED": 0,
                  "OUTCOME_OK": 1,
                  "OUTCOME_FAILED": 2,
                  "OUTCOME_DENIED": 3,
                  "OUTCOME_SHED": 4,
                  "OUTCOME_UNAVAILABLE": 5,
                  "OUTCOME_TIMED_OUT": 6,
                  "OUTCOME_CANCELLED": 7,
                  "OUTCOME_INDETERMINATE": 8
                }
              },
              "ToolCallCancel": {
                "fields": {
                  "tenant": {
                    "type": "string",
                    "id": 1
                  },
                  "sessionId": {
                    "type": "string",
                    "id": 2,
                    "protoName": "session_id"
                  },
                  "callIds": {
                    "rule": "repeated",
                    "type": "string",
                    "id": 3,
                    "protoName": "call_ids"
                  },
                  "reason": {
                    "type": "string",
                    "id": 4
                  }
                }
              },
              "ToolCallFind": {
                "fields": {
                  "tenant": {
                    "type": "string",
                    "id": 1
                  },
                  "sessionId": {
                    "type": "string",
                    "id": 2,
                    "protoName": "session_id"
                  },
                  "callId": {
                    "type": "string",
                    "id": 3,
                    "protoName": "call_id"
                  },
                  "agent": {
                    "type": "string",
                    "id": 4
                  },
                  "query": {
                    "type": "string",
                    "id": 5
                  },
                  "limit": {
                    "type": "int32",
                    "id": 6
                  },
                  "offered": {
                    "rule": "repeated",
                    "type": "string",
                    "id": 7
                  }
                }
              }
            }
          }
        }
      },
      "session": {
        "nested": {
          "v1": {
            "nested": {
              "SessionRequest": {
                "oneofs": {
                  "_deadlineAtMs": {
                    "oneof": [
                      "deadlineAtMs"
                    ]
                  }
                },
                "fields": {
                  "tenant": {
                    "type": "string",
                    "id": 1
                  },
                  "user": {
                    "type": "string",
                    "id": 2
                  },
                  "requestId": {
                    "type": "string",
                    "id": 3,
                    "protoName": "request_id"
                  },
                  "agent": {
                    "type": "string",
                    "id": 4
                  },
                  "input": {
                    "type": "string",
                    "id": 5
                  },
                  "roles": {
                    "rule": "repeated",
                    "type": "string",
                    "id": 6
                  },
                  "labels": {
                    "keyType": "string",
                    "type": "string",
                    "id": 7
                  },
                  "deadlineAtMs": {
                    "type": "int64",
                    "id": 8,
                    "protoName": "deadline_at_ms",
                    "options": {
                      "proto3_optional": true
                    }
                  }
                }
              },
              "SessionAdmission": {
                "oneofs": {
                  "body": {
                    "oneof": [
                      "requested",
                      "released"
                    ]
                  }
                },
                "fields": {
                  "sessionId": {
                    "type": "string",
                    "id": 1,
                    "protoName": "session_id"
                  },
                  "tenant": {
                    "type": "string",
                    "id": 2
                  },
                  "requested": {
                    "type": "SessionRequest",
                    "id": 3
                  },
                  "released": {
                    "type": "SessionReleased",
                    "id": 4
                  }
                }
              },
              "SessionReleased": {
                "fields": {}
              },
              "SessionRouting": {
                "fields": {
                  "sessionId": {
                    "type": "string",
                    "id": 1,
                    "protoName": "session_id"
                  },
                  "request": {
                    "type": "SessionRequest",
                    "id": 2
                  },
                  "admittedAtMs": {
                    "type": "int64",
                    "id": 3,
                    "protoName": "admitted_at_ms"
                  }
                }
              },
              "SessionInbox": {
                "oneofs": {
                  "body": {
                    "oneof": [
                      "start",
                      "observation",
                      "approvalDecided",
                      "toolsFound",
                      "userMessage",
                      "cancel"
                    ]
                  }
                },
                "fields": {
                  "tenant": {
                    "type": "string",
                    "id": 1
                  },
                  "sessionId": {
                    "type": "string",
                    "id": 2,
                    "protoName": "session_id"
                  },
                  "start": {
                    "type": "SessionStart",
                    "id": 3
                  },
                  "observation": {
                    "type": "toolfleet.toolcall.v1.Observation",
                    "id": 4
                  },
                  "approvalDecided": {
                    "type": "ApprovalDecided",
                    "id": 5,
                    "protoName": "approval_decided"
                  },
                  "toolsFound": {
                    "type": "ToolsFound",
                    "id": 6,
                    "protoName": "tools_found"
                  },
                  "userMessage": {
                    "type": "UserMessage",
                    "id": 7,
                    "protoName": "user_message"
                  },
                  "cancel": {
                    "type": "SessionCancel",
                    "id": 8
                  }
                }
              },
              "SessionStart": {
                "fields": {
                  "request": {
                    "type": "SessionRequest",
                    "id": 1
                  },
                  "tools": {
                    "rule": "repeated",
                    "type": "string",
                    "id": 2
                  },
                  "limits": {
                    "type": "SessionLimits",
                    "id": 3
                  },
                  "modelRoute": {
                    "type": "string",
                    "id": 4,
                    "protoName": "model_route"
                  },
                  "admittedAtMs": {
                    "type": "int64",
                    "id": 5,
                    "protoName": "admitted_at_ms"
                  }
                }
              },
              "SessionLimits": {
                "fields": {
                  "stepsMax": {
                    "type": "int32",
                    "id": 1,
                    "protoName": "steps_max"
                  },
                  "wallTimeMs": {
                    "type": "int64",
                    "id": 2,
                    "protoName": "wall_time_ms"
                  },
                  "tokensMax": {
                    "type": "int64",
                    "id": 3,
                    "protoName": "tokens_max"
                  },
                  "escalate": {
                    "type": "bool",
                    "id": 4
                  }
                }
              },
              "ApprovalDecided": {
                "fields": {
                  "callId": {
                    "type": "string",
                    "id": 1,
                    "protoName": "call_id"
                  },
                  "approved": {
                    "type": "bool",
                    "id": 2
                  },
                  "decidedBy": {
                    "type": "string",
                    "id": 3,
                    "protoName": "decided_by"
                  },
                  "deadlineAtMs": {
                    "type": "int64",
                    "id": 4,
                    "protoName": "deadline_at_ms"
                  }
                }
              },
              "ToolsFound": {
                "fields": {
                  "callId": {
                    "type": "string",
                    "id": 1,
                    "protoName": "call_id"
                  },
                  "tools": {
                    "rule": "repeated",
                    "type": "string",
                    "id": 2
                  }
                }
              },
              "UserMessage": {
                "fields": {
                  "messageId": {
                    "type": "string",
                    "id": 1,
                    "protoName": "message_id"
                  },
                  "text": {
                    "type": "string",
                    "id": 2
                  }
                }
              },
              "SessionCancel": {
                "fields": {
                  "reason": {
                    "type": "string",
                    "id": 1
                  },
                  "requestedBy": {
                    "type": "string",
                    "id": 2,
                    "protoName": "requested_by"
                  }
                }
              },
              "SessionStatus": {
                "values": {
                  "SESSION_STATUS_UNSPECIFIED": 0,
                  "SESSION_STATUS_WAITING": 1,
                  "SESSION_STATUS_ACTIVE": 2,
                  "SESSION_STATUS_COMPLETED": 3,
                  "SESSION_STATUS_GAVE_UP": 4,
                  "SESSION_STATUS_ESCALATED": 5,
                  "SESSION_STATUS_FAILED": 6,
                  "SESSION_STATUS_CANCELLED": 7,
                  "SESSION_STATUS_REJECTED": 8
                }
              },
              "Usage": {
                "fields": {
                  "inputTokens": {
                    "type": "int64",
                    "id": 1,
                    "protoName": "input_tokens"
                  },
                  "outputTokens": {
                    "type": "int64",
                    "id": 2,
                    "protoName": "output_tokens"
                  }
                }
              },
              "SessionEvent": {
                "oneofs": {
                  "body": {
                    "oneof": [
                      "started",
                      "modelAnswered",
                      "toolCallSettled",
                      "toolsOffered",
                      "userMessageReceived",
                      "cancelRequested",
                      "finished",
                      "approvalDecided"
                    ]
                  }
                },
                "fields": {
                  "seq": {
                    "type": "int64",
                    "id": 1
                  },
                  "atMs": {
                    "type": "int64",
                    "id": 2,
                    "protoName": "at_ms"
                  },
                  "started": {
                    "type": "SessionStarted",
                    "id": 3
                  },
                  "modelAnswered": {
                    "type": "ModelAnswered",
                    "id": 4,
                    "protoName": "model_answered"
                  },
                  "toolCallSettled": {
                    "type": "ToolCallSettled",
                    "id": 5,
                    "protoName": "tool_call_settled"
                  },
                  "toolsOffered": {
                    "type": "ToolsOffered",
                    "id": 6,
                    "protoName": "tools_offered"
                  },
                  "userMessageReceived": {
                    "type": "UserMessage",
                    "id": 7,
                    "protoName": "user_message_received"
                  },
                  "cancelRequested": {
                    "type": "CancelRequested",
                    "id": 8,
                    "protoName": "cancel_requested"
                  },
                  "finished": {
                    "type": "SessionFinished",
                    "id": 9
                  },
                  "approvalDecided": {
                    "type": "ApprovalDecided",
                    "id": 10,
                    "protoName": "approval_decided"
                  }
                }
              },
              "SessionStarted": {
                "fields": {
                  "sessionId": {
                    "type": "string",
                    "id": 1,
                    "protoName": "session_id"
                  },
                  "request": {
                    "type": "SessionRequest",
                    "id": 2
                  },
                  "tools": {
                    "rule": "repeated",
                    "type": "string",
                    "id": 3
                  },
                  "limits": {
                    "type": "SessionLimits",
                    "id": 4
                  },
                  "modelRoute": {
                    "type": "string",
                    "id": 5,
                    "protoName": "model_route"
                  },
                  "deadlineAtMs": {
                    "type": "int64",
                    "id": 6,
                    "protoName": "deadline_at_ms"
                  }
                }
              },
              "ModelAnswered": {
                "fields": {
                  "turn": {
                    "type": "int32",
                    "id": 1
                  },
                  "text": {
                    "type": "string",
                    "id": 2
                  },
                  "calls": {
                    "rule": "repeated",
                    "type": "JudgedCall",
                    "id": 3
                  },
                  "usage": {
                    "type": "Usage",
                    "id": 4
                  }
                }
              },
              "Disposition": {
                "values": {
                  "DISPOSITION_UNSPECIFIED": 0,
                  "DISPOSITION_DISPATCH": 1,
                  "DISPOSITION_REVIEW": 2,
                  "DISPOSITION_FIND_TOOLS": 3,
                  "DISPOSITION_REFUSE": 4
                }
              },
              "JudgedCall": {
                "fields": {
                  "callId": {
                    "type": "string",
                    "id": 1,
                    "protoName": "call_id"
                  },
                  "providerCallId": {
                    "type": "string",
                    "id": 2,
                    "protoName": "provider_call_id"
                  },
                  "tool": {
                    "type": "string",
                    "id": 3
                  },
                  "arguments": {
                    "type": "string",
                    "id": 4
                  },
                  "disposition": {
                    "type": "Disposition",
                    "id": 5
                  },
                  "toolVersion": {
                    "type": "string",
                    "id": 6,
                    "protoName": "tool_version"
                  },
                  "toolClass": {
                    "type": "string",
                    "id": 7,
                    "protoName": "tool_class"
                  },
                  "effect": {
                    "type": "toolfleet.toolcall.v1.Effect",
                    "id": 8
                  },
                  "conflictKey": {
                    "type": "string",
                    "id": 9,
                    "protoName": "conflict_key"
                  },
                  "timeoutMs": {
                    "type": "int64",
                    "id": 10,
                    "protoName": "timeout_ms"
                  },
                  "policyRevision": {
                    "type": "string",
                    "id": 11,
                    "protoName": "policy_revision"
                  },
                  "rule": {
                    "type": "string",
                    "id": 12
                  },
                  "refusal": {
                    "type": "toolfleet.refusal.v1.Refusal",
                    "id": 13
                  },
                  "approversNeeded": {
                    "type": "int32",
                    "id": 14,
                    "protoName": "approvers_needed"
                  }
                }
              },
              "ToolCallSettled": {
                "fields": {
                  "observation": {
                    "type": "toolfleet.toolcall.v1.Observation",
                    "id": 1
                  }
                }
              },
              "ToolsOffered": {
                "fields": {
                  "tools": {
                    "rule": "repeated",
                    "type": "string",
                    "id": 1
                  }
                }
              },
              "CancelRequested": {
                "fields": {
                  "reason": {
                    "type": "string",
                    "id": 1
                  },
                  "requestedBy": {
                    "type": "string",
                    "id": 2,
                    "protoName": "requested_by"
                  }
                }
              },
              "SessionFinished": {
                "fields": {
                  "status": {
                    "type": "SessionStatus",
                    "id": 1
                  },
                  "answer": {
                    "type": "string",
                    "id": 2
                  },
                  "refusal": {
                    "type": "toolfleet.refusal.v1.Refusal",
                    "id": 3
                  }
                }
              },
              "SessionEvents": {
                "fields": {
                  "tenant": {
                    "type": "string",
                    "id": 1
                  },
                  "sessionId": {
                    "type": "string",
                    "id": 2,
                    "protoName": "session_id"
                  },
                  "events": {
                    "rule": "repeated",
                    "type": "bytes",
                    "id": 3
                  }
                }
              },
              "SessionOutcome": {
                "fields": {
                  "tenant": {
                    "type": "string",
                    "id": 1
                  },
                  "sessionId": {
                    "type": "string",
                    "id": 2,
                    "protoName": "session_id"
                  },
                  "requestId": {
                    "type": "string",
                    "id": 3,
                    "protoName": "request_id"
                  },
                  "user": {
                    "type": "string",
                    "id": 4
                  },
                  "agent": {
                    "type": "string",
                    "id": 5
                  },
                  "status": {
                    "type": "SessionStatus",
                    "id": 6
                  },
                  "answer": {
                    "type": "string",
                    "id": 7
                  },
                  "refusal": {
                    "type": "toolfleet.refusal.v1.Refusal",
                    "id": 8
                  },
                  "usage": {
                    "type": "Usage",
                    "id": 9
                  },
                  "turns": {
                    "type": "int32",
                    "id": 10
                  },
                  "calls": {
                    "rule": "repeated",
                    "type": "CallSummary",
                    "id": 11
                  },
                  "startedAtMs": {
                    "type": "int64",
                    "id": 12,
                    "protoName": "started_at_ms"
                  },
                  "finishedAtMs": {
                    "type": "int64",
                    "id": 13,
                    "protoName": "finished_at_ms"
                  },
                  "labels": {
                    "keyType": "string",
                    "type": "string",
                    "id": 14
                  },
                  "run": {
                    "type": "int32",
                    "id": 15
                  }
                }
              },
              "CallSummary": {
                "fields": {
                  "callId": {
                    "type": "string",
                    "id": 1,
                    "protoName": "call_id"
                  },
                  "tool": {
                    "type": "string",
                    "id": 2
                  },
                  "effect": {
                    "type": "toolfleet.toolcall.v1.Effect",
                    "id": 3
                  },
                  "outcome": {
                    "type": "toolfleet.toolcall.v1.Outcome",
                    "id": 4
                  }
                }
              },
              "SessionService": {
                "methods": {
                  "StartSession": {
                    "requestType": "StartSessionRequest",
                    "responseType": "StartSessionResponse"
                  },
                  "GetSession": {
                    "requestType": "GetSessionRequest",
                    "responseType": "GetSessionResponse"
                  },
                  "ListSessions": {
                    "requestType": "ListSessionsRequest",
                    "responseType": "ListSessionsResponse"
                  },
                  "WatchSession": {
                    "requestType": "WatchSessionRequest",
                    "responseType": "WatchSessionResponse",
                    "responseStream": true
                  },
                  "CancelSession": {
                    "requestType": "CancelSessionRequest",
                    "responseType": "CancelSessionResponse"
                  },
                  "SendMessage": {
                    "requestType": "SendMessageRequest",
                    "responseType": "SendMessageResponse"
                  }
                }
              },
              "Session": {
                "fields": {
                  "tenant": {
                    "type": "string",
                    "id": 1
                  },
                  "sessionId": {
                    "type": "string",
                    "id": 2,
                    "protoName": "session_id"
                  },
                  "requestId": {
                    "type": "string",
                    "id": 3,
                    "protoName": "request_id"
                  },
                  "user": {
                    "type": "string",
                    "id": 4
                  },
                  "agent": {
                    "type": "string",
                    "id": 5
                  },
                  "status": {
                    "type": "SessionStatus",
                    "id": 6
                  },
                  "seq": {
                    "type": "int64",
                    "id": 7
                  },
                  "usage": {
                    "type": "Usage",
                    "id": 8
                  },
                  "createdAtMs": {
                    "type": "int64",
                    "id": 9,
                    "protoName": "created_at_ms"
                  },
                  "updatedAtMs": {
                    "type": "int64",
                    "id": 10,
                    "protoName": "updated_at_ms"
                  },
                  "answer": {
                    "type": "string",
                    "id": 11
                  }
                }
              },
              "StartSessionRequest": {
                "fields": {
                  "request": {
                    "type": "SessionRequest",
                    "id": 1
                  }
                }
              },
              "StartSessionResponse": {
                "fields": {
                  "session": {
                    "type": "Session",
                    "id": 1
                  },
                  "existing": {
                    "type": "bool",
                    "id": 2
                  }
                }
              },
              "GetSessionRequest": {
                "fields": {
                  "tenant": {
                    "type": "string",
                    "id": 1
                  },
                  "sessionId": {
                    "type": "string",
                    "id": 2,
                    "protoName": "session_id"
                  }
                }
              },
              "GetSessionResponse": {
                "fields": {
                  "session": {
                    "type": "Session",
                    "id": 1
                  }
                }
              },
              "ListSessionsRequest": {
                "fields": {
                  "tenant": {
                    "type": "string",
                    "id": 1
                  },
                  "status": {
                    "type": "SessionStatus",
                    "id": 2
                  },
                  "agent": {
                    "type": "string",
                    "id": 3
                  },
                  "pageSize": {
                    "type": "int32",
                    "id": 4,
                    "protoName": "page_size"
                  },
                  "pageToken": {
                    "type": "string",
                    "id": 5,
                    "protoName": "page_token"
                  }
                }
              },
              "ListSessionsResponse": {
                "fields": {
                  "sessions": {
                    "rule": "repeated",
                    "type": "Session",
                    "id": 1
                  },
                  "nextPageToken": {
                    "type": "string",
                    "id": 2,
                    "protoName": "next_page_token"
                  }
                }
              },
              "WatchSessionRequest": {
                "fields": {
                  "tenant": {
                    "type": "string",
                    "id": 1
                  },
                  "sessionId": {
                    "type": "string",
                    "id": 2,
                    "protoName": "session_id"
                  },
                  "afterSeq": {
                    "type": "int64",
                    "id": 3,
                    "protoName": "after_seq"
                  }
                }
              },
              "WatchSessionResponse": {
                "fields": {
                  "event": {
                    "type": "SessionEvent",
                    "id": 1
                  }
                }
              },
              "CancelSessionRequest": {
                "fields": {
                  "tenant": {
                    "type": "string",
                    "id": 1
                  },
                  "sessionId": {
                    "type": "string",
                    "id": 2,
                    "protoName": "session_id"
                  },
                  "reason": {
                    "type": "string",
                    "id": 3
                  },
                  "requestedBy": {
                    "type": "string",
                    "id": 4,
                    "protoName": "requested_by"
                  }
                }
              },
              "CancelSessionResponse": {
                "fields": {}
              },
              "SendMessageRequest": {
                "fields": {
                  "tenant": {
                    "type": "string",
                    "id": 1
                  },
                  "sessionId": {
                    "type": "string",
                    "id": 2,
                    "protoName": "session_id"
                  },
                  "message": {
                    "type": "UserMessage",
                    "id": 3
                  }
                }
              },
              "SendMessageResponse": {
                "fields": {}
              }
            }
          }
        }
      }
    }
  }
});
export const toolfleet = $root.get("toolfleet");

export {
  /**
   * Reflected root namespace.
   * @type {$protobuf.Root}
   */
  $root as default
};
