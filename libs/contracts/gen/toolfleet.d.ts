import * as $protobuf from "protobufjs/light.js";
import Long = require("long");

/** Namespace toolfleet. */
export namespace toolfleet {

    /** Namespace audit. */
    namespace audit {

        /** Namespace v1. */
        namespace v1 {

            /**
             * Properties of an AuditRecord.
             * @deprecated Use toolfleet.audit.v1.AuditRecord.$Properties instead.
             */
            interface IAuditRecord extends toolfleet.audit.v1.AuditRecord.$Properties {
            }

            /** Represents an AuditRecord. */
            class AuditRecord {

                /** Reflection-backed declarations are not constructable. Use AuditRecord.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** AuditRecord tenant. */
                tenant: string;

                /** AuditRecord sessionId. */
                sessionId: string;

                /** AuditRecord callId. */
                callId: string;

                /** AuditRecord atMs. */
                atMs: (number|Long);

                /** AuditRecord recordedBy. */
                recordedBy: string;

                /** AuditRecord actor. */
                actor: string;

                /** AuditRecord action. */
                action: string;

                /** AuditRecord tool. */
                tool: string;

                /** AuditRecord toolVersion. */
                toolVersion: string;

                /** AuditRecord argumentsDigest. */
                argumentsDigest: Uint8Array;

                /** AuditRecord policyRevision. */
                policyRevision: string;

                /** AuditRecord rule. */
                rule: string;

                /** AuditRecord outcome. */
                outcome: string;

                /** AuditRecord latencyMs. */
                latencyMs: (number|Long);

                /** AuditRecord idempotencyKey. */
                idempotencyKey: string;

                /**
                 * Creates a new AuditRecord instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns AuditRecord instance
                 */
                static create(properties: toolfleet.audit.v1.AuditRecord.$Shape): toolfleet.audit.v1.AuditRecord & toolfleet.audit.v1.AuditRecord.$Shape;
                static create(properties?: toolfleet.audit.v1.AuditRecord.$Properties): toolfleet.audit.v1.AuditRecord;

                /**
                 * Encodes the specified AuditRecord message. Does not implicitly {@link toolfleet.audit.v1.AuditRecord.verify|verify} messages.
                 * @param message AuditRecord message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.audit.v1.AuditRecord.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified AuditRecord message, length delimited. Does not implicitly {@link toolfleet.audit.v1.AuditRecord.verify|verify} messages.
                 * @param message AuditRecord message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.audit.v1.AuditRecord.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an AuditRecord message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.audit.v1.AuditRecord & toolfleet.audit.v1.AuditRecord.$Shape} AuditRecord
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.audit.v1.AuditRecord & toolfleet.audit.v1.AuditRecord.$Shape;

                /**
                 * Decodes an AuditRecord message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.audit.v1.AuditRecord & toolfleet.audit.v1.AuditRecord.$Shape} AuditRecord
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.audit.v1.AuditRecord & toolfleet.audit.v1.AuditRecord.$Shape;

                /**
                 * Verifies an AuditRecord message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates an AuditRecord message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns AuditRecord
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.audit.v1.AuditRecord;

                /**
                 * Creates a plain object from an AuditRecord message. Also converts values to other types if specified.
                 * @param message AuditRecord
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.audit.v1.AuditRecord, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this AuditRecord to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for AuditRecord
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace AuditRecord {

                /** Properties of an AuditRecord. */
                interface $Properties {

                    /** AuditRecord tenant */
                    tenant?: (string|null);

                    /** AuditRecord sessionId */
                    sessionId?: (string|null);

                    /** AuditRecord callId */
                    callId?: (string|null);

                    /** AuditRecord atMs */
                    atMs?: (number|Long|null);

                    /** AuditRecord recordedBy */
                    recordedBy?: (string|null);

                    /** AuditRecord actor */
                    actor?: (string|null);

                    /** AuditRecord action */
                    action?: (string|null);

                    /** AuditRecord tool */
                    tool?: (string|null);

                    /** AuditRecord toolVersion */
                    toolVersion?: (string|null);

                    /** AuditRecord argumentsDigest */
                    argumentsDigest?: (Uint8Array|null);

                    /** AuditRecord policyRevision */
                    policyRevision?: (string|null);

                    /** AuditRecord rule */
                    rule?: (string|null);

                    /** AuditRecord outcome */
                    outcome?: (string|null);

                    /** AuditRecord latencyMs */
                    latencyMs?: (number|Long|null);

                    /** AuditRecord idempotencyKey */
                    idempotencyKey?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an AuditRecord. */
                type $Shape = toolfleet.audit.v1.AuditRecord.$Properties;
            }
        }
    }

    /** Namespace catalog. */
    namespace catalog {

        /** Namespace v1. */
        namespace v1 {

            /**
             * Properties of a CatalogEntry.
             * @deprecated Use toolfleet.catalog.v1.CatalogEntry.$Properties instead.
             */
            interface ICatalogEntry extends toolfleet.catalog.v1.CatalogEntry.$Properties {
            }

            /** Represents a CatalogEntry. */
            class CatalogEntry {

                /** Reflection-backed declarations are not constructable. Use CatalogEntry.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** CatalogEntry kind. */
                kind: string;

                /** CatalogEntry name. */
                name: string;

                /** CatalogEntry revision. */
                revision: string;

                /** CatalogEntry manifest. */
                manifest: Uint8Array;

                /**
                 * Creates a new CatalogEntry instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns CatalogEntry instance
                 */
                static create(properties: toolfleet.catalog.v1.CatalogEntry.$Shape): toolfleet.catalog.v1.CatalogEntry & toolfleet.catalog.v1.CatalogEntry.$Shape;
                static create(properties?: toolfleet.catalog.v1.CatalogEntry.$Properties): toolfleet.catalog.v1.CatalogEntry;

                /**
                 * Encodes the specified CatalogEntry message. Does not implicitly {@link toolfleet.catalog.v1.CatalogEntry.verify|verify} messages.
                 * @param message CatalogEntry message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.catalog.v1.CatalogEntry.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified CatalogEntry message, length delimited. Does not implicitly {@link toolfleet.catalog.v1.CatalogEntry.verify|verify} messages.
                 * @param message CatalogEntry message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.catalog.v1.CatalogEntry.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a CatalogEntry message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.catalog.v1.CatalogEntry & toolfleet.catalog.v1.CatalogEntry.$Shape} CatalogEntry
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.catalog.v1.CatalogEntry & toolfleet.catalog.v1.CatalogEntry.$Shape;

                /**
                 * Decodes a CatalogEntry message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.catalog.v1.CatalogEntry & toolfleet.catalog.v1.CatalogEntry.$Shape} CatalogEntry
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.catalog.v1.CatalogEntry & toolfleet.catalog.v1.CatalogEntry.$Shape;

                /**
                 * Verifies a CatalogEntry message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a CatalogEntry message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns CatalogEntry
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.catalog.v1.CatalogEntry;

                /**
                 * Creates a plain object from a CatalogEntry message. Also converts values to other types if specified.
                 * @param message CatalogEntry
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.catalog.v1.CatalogEntry, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this CatalogEntry to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for CatalogEntry
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace CatalogEntry {

                /** Properties of a CatalogEntry. */
                interface $Properties {

                    /** CatalogEntry kind */
                    kind?: (string|null);

                    /** CatalogEntry name */
                    name?: (string|null);

                    /** CatalogEntry revision */
                    revision?: (string|null);

                    /** CatalogEntry manifest */
                    manifest?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a CatalogEntry. */
                type $Shape = toolfleet.catalog.v1.CatalogEntry.$Properties;
            }

            /** Represents a CatalogService */
            class CatalogService extends $protobuf.rpc.Service {

                /** Reflection-backed declarations are not constructable. Use CatalogService.create(...) instead. */
                private constructor();

                /**
                 * Creates new CatalogService service using the specified rpc implementation.
                 * @param rpcImpl RPC implementation
                 * @param [requestDelimited=false] Whether requests are length-delimited
                 * @param [responseDelimited=false] Whether responses are length-delimited
                 * @returns RPC service. Useful where requests and/or responses are streamed.
                 */
                static create(rpcImpl: $protobuf.RPCImpl, requestDelimited?: boolean, responseDelimited?: boolean): CatalogService;

                /** Calls ListTools. */
                listTools: toolfleet.catalog.v1.CatalogService.ListTools;

                /** Calls PreviewSelection. */
                previewSelection: toolfleet.catalog.v1.CatalogService.PreviewSelection;
            }

            namespace CatalogService {

                /**
                 * Callback as used by {@link toolfleet.catalog.v1.CatalogService#listTools}.
                 * @param error Error, if any
                 * @param [response] ListToolsResponse
                 */
                type ListToolsCallback = (error: (Error|null), response?: toolfleet.catalog.v1.ListToolsResponse) => void;

                /** Calls ListTools. */
                type ListTools = {
                  (request: toolfleet.catalog.v1.IListToolsRequest, callback: toolfleet.catalog.v1.CatalogService.ListToolsCallback): void;
                  (request: toolfleet.catalog.v1.IListToolsRequest): Promise<toolfleet.catalog.v1.ListToolsResponse>;
                  readonly name: "ListTools";
                  readonly path: "/toolfleet.catalog.v1.CatalogService/ListTools";
                  readonly requestType: "ListToolsRequest";
                  readonly responseType: "ListToolsResponse";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link toolfleet.catalog.v1.CatalogService#previewSelection}.
                 * @param error Error, if any
                 * @param [response] PreviewSelectionResponse
                 */
                type PreviewSelectionCallback = (error: (Error|null), response?: toolfleet.catalog.v1.PreviewSelectionResponse) => void;

                /** Calls PreviewSelection. */
                type PreviewSelection = {
                  (request: toolfleet.catalog.v1.IPreviewSelectionRequest, callback: toolfleet.catalog.v1.CatalogService.PreviewSelectionCallback): void;
                  (request: toolfleet.catalog.v1.IPreviewSelectionRequest): Promise<toolfleet.catalog.v1.PreviewSelectionResponse>;
                  readonly name: "PreviewSelection";
                  readonly path: "/toolfleet.catalog.v1.CatalogService/PreviewSelection";
                  readonly requestType: "PreviewSelectionRequest";
                  readonly responseType: "PreviewSelectionResponse";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };
            }

            /**
             * Properties of a ToolSummary.
             * @deprecated Use toolfleet.catalog.v1.ToolSummary.$Properties instead.
             */
            interface IToolSummary extends toolfleet.catalog.v1.ToolSummary.$Properties {
            }

            /** Represents a ToolSummary. */
            class ToolSummary {

                /** Reflection-backed declarations are not constructable. Use ToolSummary.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ToolSummary name. */
                name: string;

                /** ToolSummary version. */
                version: string;

                /** ToolSummary description. */
                description: string;

                /** ToolSummary toolClass. */
                toolClass: string;

                /** ToolSummary effect. */
                effect: string;

                /** ToolSummary owner. */
                owner: string;

                /** ToolSummary parameters. */
                parameters: Uint8Array;

                /**
                 * Creates a new ToolSummary instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ToolSummary instance
                 */
                static create(properties: toolfleet.catalog.v1.ToolSummary.$Shape): toolfleet.catalog.v1.ToolSummary & toolfleet.catalog.v1.ToolSummary.$Shape;
                static create(properties?: toolfleet.catalog.v1.ToolSummary.$Properties): toolfleet.catalog.v1.ToolSummary;

                /**
                 * Encodes the specified ToolSummary message. Does not implicitly {@link toolfleet.catalog.v1.ToolSummary.verify|verify} messages.
                 * @param message ToolSummary message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.catalog.v1.ToolSummary.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified ToolSummary message, length delimited. Does not implicitly {@link toolfleet.catalog.v1.ToolSummary.verify|verify} messages.
                 * @param message ToolSummary message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.catalog.v1.ToolSummary.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ToolSummary message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.catalog.v1.ToolSummary & toolfleet.catalog.v1.ToolSummary.$Shape} ToolSummary
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.catalog.v1.ToolSummary & toolfleet.catalog.v1.ToolSummary.$Shape;

                /**
                 * Decodes a ToolSummary message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.catalog.v1.ToolSummary & toolfleet.catalog.v1.ToolSummary.$Shape} ToolSummary
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.catalog.v1.ToolSummary & toolfleet.catalog.v1.ToolSummary.$Shape;

                /**
                 * Verifies a ToolSummary message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a ToolSummary message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns ToolSummary
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.catalog.v1.ToolSummary;

                /**
                 * Creates a plain object from a ToolSummary message. Also converts values to other types if specified.
                 * @param message ToolSummary
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.catalog.v1.ToolSummary, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this ToolSummary to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for ToolSummary
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace ToolSummary {

                /** Properties of a ToolSummary. */
                interface $Properties {

                    /** ToolSummary name */
                    name?: (string|null);

                    /** ToolSummary version */
                    version?: (string|null);

                    /** ToolSummary description */
                    description?: (string|null);

                    /** ToolSummary toolClass */
                    toolClass?: (string|null);

                    /** ToolSummary effect */
                    effect?: (string|null);

                    /** ToolSummary owner */
                    owner?: (string|null);

                    /** ToolSummary parameters */
                    parameters?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ToolSummary. */
                type $Shape = toolfleet.catalog.v1.ToolSummary.$Properties;
            }

            /**
             * Properties of a ListToolsRequest.
             * @deprecated Use toolfleet.catalog.v1.ListToolsRequest.$Properties instead.
             */
            interface IListToolsRequest extends toolfleet.catalog.v1.ListToolsRequest.$Properties {
            }

            /** Represents a ListToolsRequest. */
            class ListToolsRequest {

                /** Reflection-backed declarations are not constructable. Use ListToolsRequest.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ListToolsRequest tenant. */
                tenant: string;

                /** ListToolsRequest agent. */
                agent: string;

                /**
                 * Creates a new ListToolsRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ListToolsRequest instance
                 */
                static create(properties: toolfleet.catalog.v1.ListToolsRequest.$Shape): toolfleet.catalog.v1.ListToolsRequest & toolfleet.catalog.v1.ListToolsRequest.$Shape;
                static create(properties?: toolfleet.catalog.v1.ListToolsRequest.$Properties): toolfleet.catalog.v1.ListToolsRequest;

                /**
                 * Encodes the specified ListToolsRequest message. Does not implicitly {@link toolfleet.catalog.v1.ListToolsRequest.verify|verify} messages.
                 * @param message ListToolsRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.catalog.v1.ListToolsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified ListToolsRequest message, length delimited. Does not implicitly {@link toolfleet.catalog.v1.ListToolsRequest.verify|verify} messages.
                 * @param message ListToolsRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.catalog.v1.ListToolsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ListToolsRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.catalog.v1.ListToolsRequest & toolfleet.catalog.v1.ListToolsRequest.$Shape} ListToolsRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.catalog.v1.ListToolsRequest & toolfleet.catalog.v1.ListToolsRequest.$Shape;

                /**
                 * Decodes a ListToolsRequest message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.catalog.v1.ListToolsRequest & toolfleet.catalog.v1.ListToolsRequest.$Shape} ListToolsRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.catalog.v1.ListToolsRequest & toolfleet.catalog.v1.ListToolsRequest.$Shape;

                /**
                 * Verifies a ListToolsRequest message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a ListToolsRequest message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns ListToolsRequest
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.catalog.v1.ListToolsRequest;

                /**
                 * Creates a plain object from a ListToolsRequest message. Also converts values to other types if specified.
                 * @param message ListToolsRequest
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.catalog.v1.ListToolsRequest, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this ListToolsRequest to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for ListToolsRequest
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace ListToolsRequest {

                /** Properties of a ListToolsRequest. */
                interface $Properties {

                    /** ListToolsRequest tenant */
                    tenant?: (string|null);

                    /** ListToolsRequest agent */
                    agent?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ListToolsRequest. */
                type $Shape = toolfleet.catalog.v1.ListToolsRequest.$Properties;
            }

            /**
             * Properties of a ListToolsResponse.
             * @deprecated Use toolfleet.catalog.v1.ListToolsResponse.$Properties instead.
             */
            interface IListToolsResponse extends toolfleet.catalog.v1.ListToolsResponse.$Properties {
            }

            /** Represents a ListToolsResponse. */
            class ListToolsResponse {

                /** Reflection-backed declarations are not constructable. Use ListToolsResponse.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ListToolsResponse tools. */
                tools: toolfleet.catalog.v1.ToolSummary.$Properties[];

                /** ListToolsResponse revision. */
                revision: string;

                /**
                 * Creates a new ListToolsResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ListToolsResponse instance
                 */
                static create(properties: toolfleet.catalog.v1.ListToolsResponse.$Shape): toolfleet.catalog.v1.ListToolsResponse & toolfleet.catalog.v1.ListToolsResponse.$Shape;
                static create(properties?: toolfleet.catalog.v1.ListToolsResponse.$Properties): toolfleet.catalog.v1.ListToolsResponse;

                /**
                 * Encodes the specified ListToolsResponse message. Does not implicitly {@link toolfleet.catalog.v1.ListToolsResponse.verify|verify} messages.
                 * @param message ListToolsResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.catalog.v1.ListToolsResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified ListToolsResponse message, length delimited. Does not implicitly {@link toolfleet.catalog.v1.ListToolsResponse.verify|verify} messages.
                 * @param message ListToolsResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.catalog.v1.ListToolsResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ListToolsResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.catalog.v1.ListToolsResponse & toolfleet.catalog.v1.ListToolsResponse.$Shape} ListToolsResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.catalog.v1.ListToolsResponse & toolfleet.catalog.v1.ListToolsResponse.$Shape;

                /**
                 * Decodes a ListToolsResponse message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.catalog.v1.ListToolsResponse & toolfleet.catalog.v1.ListToolsResponse.$Shape} ListToolsResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.catalog.v1.ListToolsResponse & toolfleet.catalog.v1.ListToolsResponse.$Shape;

                /**
                 * Verifies a ListToolsResponse message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a ListToolsResponse message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns ListToolsResponse
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.catalog.v1.ListToolsResponse;

                /**
                 * Creates a plain object from a ListToolsResponse message. Also converts values to other types if specified.
                 * @param message ListToolsResponse
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.catalog.v1.ListToolsResponse, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this ListToolsResponse to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for ListToolsResponse
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace ListToolsResponse {

                /** Properties of a ListToolsResponse. */
                interface $Properties {

                    /** ListToolsResponse tools */
                    tools?: (toolfleet.catalog.v1.ToolSummary.$Properties[]|null);

                    /** ListToolsResponse revision */
                    revision?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ListToolsResponse. */
                type $Shape = toolfleet.catalog.v1.ListToolsResponse.$Properties;
            }

            /**
             * Properties of a PreviewSelectionRequest.
             * @deprecated Use toolfleet.catalog.v1.PreviewSelectionRequest.$Properties instead.
             */
            interface IPreviewSelectionRequest extends toolfleet.catalog.v1.PreviewSelectionRequest.$Properties {
            }

            /** Represents a PreviewSelectionRequest. */
            class PreviewSelectionRequest {

                /** Reflection-backed declarations are not constructable. Use PreviewSelectionRequest.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** PreviewSelectionRequest tenant. */
                tenant: string;

                /** PreviewSelectionRequest agent. */
                agent: string;

                /** PreviewSelectionRequest input. */
                input: string;

                /**
                 * Creates a new PreviewSelectionRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns PreviewSelectionRequest instance
                 */
                static create(properties: toolfleet.catalog.v1.PreviewSelectionRequest.$Shape): toolfleet.catalog.v1.PreviewSelectionRequest & toolfleet.catalog.v1.PreviewSelectionRequest.$Shape;
                static create(properties?: toolfleet.catalog.v1.PreviewSelectionRequest.$Properties): toolfleet.catalog.v1.PreviewSelectionRequest;

                /**
                 * Encodes the specified PreviewSelectionRequest message. Does not implicitly {@link toolfleet.catalog.v1.PreviewSelectionRequest.verify|verify} messages.
                 * @param message PreviewSelectionRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.catalog.v1.PreviewSelectionRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified PreviewSelectionRequest message, length delimited. Does not implicitly {@link toolfleet.catalog.v1.PreviewSelectionRequest.verify|verify} messages.
                 * @param message PreviewSelectionRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.catalog.v1.PreviewSelectionRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a PreviewSelectionRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.catalog.v1.PreviewSelectionRequest & toolfleet.catalog.v1.PreviewSelectionRequest.$Shape} PreviewSelectionRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.catalog.v1.PreviewSelectionRequest & toolfleet.catalog.v1.PreviewSelectionRequest.$Shape;

                /**
                 * Decodes a PreviewSelectionRequest message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.catalog.v1.PreviewSelectionRequest & toolfleet.catalog.v1.PreviewSelectionRequest.$Shape} PreviewSelectionRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.catalog.v1.PreviewSelectionRequest & toolfleet.catalog.v1.PreviewSelectionRequest.$Shape;

                /**
                 * Verifies a PreviewSelectionRequest message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a PreviewSelectionRequest message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns PreviewSelectionRequest
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.catalog.v1.PreviewSelectionRequest;

                /**
                 * Creates a plain object from a PreviewSelectionRequest message. Also converts values to other types if specified.
                 * @param message PreviewSelectionRequest
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.catalog.v1.PreviewSelectionRequest, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this PreviewSelectionRequest to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for PreviewSelectionRequest
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace PreviewSelectionRequest {

                /** Properties of a PreviewSelectionRequest. */
                interface $Properties {

                    /** PreviewSelectionRequest tenant */
                    tenant?: (string|null);

                    /** PreviewSelectionRequest agent */
                    agent?: (string|null);

                    /** PreviewSelectionRequest input */
                    input?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a PreviewSelectionRequest. */
                type $Shape = toolfleet.catalog.v1.PreviewSelectionRequest.$Properties;
            }

            /**
             * Properties of a PreviewSelectionResponse.
             * @deprecated Use toolfleet.catalog.v1.PreviewSelectionResponse.$Properties instead.
             */
            interface IPreviewSelectionResponse extends toolfleet.catalog.v1.PreviewSelectionResponse.$Properties {
            }

            /** Represents a PreviewSelectionResponse. */
            class PreviewSelectionResponse {

                /** Reflection-backed declarations are not constructable. Use PreviewSelectionResponse.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** PreviewSelectionResponse tools. */
                tools: toolfleet.catalog.v1.ScoredTool.$Properties[];

                /**
                 * Creates a new PreviewSelectionResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns PreviewSelectionResponse instance
                 */
                static create(properties: toolfleet.catalog.v1.PreviewSelectionResponse.$Shape): toolfleet.catalog.v1.PreviewSelectionResponse & toolfleet.catalog.v1.PreviewSelectionResponse.$Shape;
                static create(properties?: toolfleet.catalog.v1.PreviewSelectionResponse.$Properties): toolfleet.catalog.v1.PreviewSelectionResponse;

                /**
                 * Encodes the specified PreviewSelectionResponse message. Does not implicitly {@link toolfleet.catalog.v1.PreviewSelectionResponse.verify|verify} messages.
                 * @param message PreviewSelectionResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.catalog.v1.PreviewSelectionResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified PreviewSelectionResponse message, length delimited. Does not implicitly {@link toolfleet.catalog.v1.PreviewSelectionResponse.verify|verify} messages.
                 * @param message PreviewSelectionResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.catalog.v1.PreviewSelectionResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a PreviewSelectionResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.catalog.v1.PreviewSelectionResponse & toolfleet.catalog.v1.PreviewSelectionResponse.$Shape} PreviewSelectionResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.catalog.v1.PreviewSelectionResponse & toolfleet.catalog.v1.PreviewSelectionResponse.$Shape;

                /**
                 * Decodes a PreviewSelectionResponse message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.catalog.v1.PreviewSelectionResponse & toolfleet.catalog.v1.PreviewSelectionResponse.$Shape} PreviewSelectionResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.catalog.v1.PreviewSelectionResponse & toolfleet.catalog.v1.PreviewSelectionResponse.$Shape;

                /**
                 * Verifies a PreviewSelectionResponse message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a PreviewSelectionResponse message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns PreviewSelectionResponse
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.catalog.v1.PreviewSelectionResponse;

                /**
                 * Creates a plain object from a PreviewSelectionResponse message. Also converts values to other types if specified.
                 * @param message PreviewSelectionResponse
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.catalog.v1.PreviewSelectionResponse, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this PreviewSelectionResponse to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for PreviewSelectionResponse
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace PreviewSelectionResponse {

                /** Properties of a PreviewSelectionResponse. */
                interface $Properties {

                    /** PreviewSelectionResponse tools */
                    tools?: (toolfleet.catalog.v1.ScoredTool.$Properties[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a PreviewSelectionResponse. */
                type $Shape = toolfleet.catalog.v1.PreviewSelectionResponse.$Properties;
            }

            /**
             * Properties of a ScoredTool.
             * @deprecated Use toolfleet.catalog.v1.ScoredTool.$Properties instead.
             */
            interface IScoredTool extends toolfleet.catalog.v1.ScoredTool.$Properties {
            }

            /** Represents a ScoredTool. */
            class ScoredTool {

                /** Reflection-backed declarations are not constructable. Use ScoredTool.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ScoredTool name. */
                name: string;

                /** ScoredTool score. */
                score: number;

                /**
                 * Creates a new ScoredTool instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ScoredTool instance
                 */
                static create(properties: toolfleet.catalog.v1.ScoredTool.$Shape): toolfleet.catalog.v1.ScoredTool & toolfleet.catalog.v1.ScoredTool.$Shape;
                static create(properties?: toolfleet.catalog.v1.ScoredTool.$Properties): toolfleet.catalog.v1.ScoredTool;

                /**
                 * Encodes the specified ScoredTool message. Does not implicitly {@link toolfleet.catalog.v1.ScoredTool.verify|verify} messages.
                 * @param message ScoredTool message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.catalog.v1.ScoredTool.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified ScoredTool message, length delimited. Does not implicitly {@link toolfleet.catalog.v1.ScoredTool.verify|verify} messages.
                 * @param message ScoredTool message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.catalog.v1.ScoredTool.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ScoredTool message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.catalog.v1.ScoredTool & toolfleet.catalog.v1.ScoredTool.$Shape} ScoredTool
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.catalog.v1.ScoredTool & toolfleet.catalog.v1.ScoredTool.$Shape;

                /**
                 * Decodes a ScoredTool message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.catalog.v1.ScoredTool & toolfleet.catalog.v1.ScoredTool.$Shape} ScoredTool
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.catalog.v1.ScoredTool & toolfleet.catalog.v1.ScoredTool.$Shape;

                /**
                 * Verifies a ScoredTool message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a ScoredTool message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns ScoredTool
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.catalog.v1.ScoredTool;

                /**
                 * Creates a plain object from a ScoredTool message. Also converts values to other types if specified.
                 * @param message ScoredTool
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.catalog.v1.ScoredTool, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this ScoredTool to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for ScoredTool
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace ScoredTool {

                /** Properties of a ScoredTool. */
                interface $Properties {

                    /** ScoredTool name */
                    name?: (string|null);

                    /** ScoredTool score */
                    score?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ScoredTool. */
                type $Shape = toolfleet.catalog.v1.ScoredTool.$Properties;
            }
        }
    }

    /** Namespace deadletter. */
    namespace deadletter {

        /** Namespace v1. */
        namespace v1 {

            /**
             * Properties of a DeadLetter.
             * @deprecated Use toolfleet.deadletter.v1.DeadLetter.$Properties instead.
             */
            interface IDeadLetter extends toolfleet.deadletter.v1.DeadLetter.$Properties {
            }

            /** Represents a DeadLetter. */
            class DeadLetter {

                /** Reflection-backed declarations are not constructable. Use DeadLetter.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** DeadLetter topic. */
                topic: string;

                /** DeadLetter partition. */
                partition: number;

                /** DeadLetter offset. */
                offset: (number|Long);

                /** DeadLetter group. */
                group: string;

                /** DeadLetter deliveryCount. */
                deliveryCount: number;

                /** DeadLetter refusal. */
                refusal?: (toolfleet.refusal.v1.Refusal.$Properties|null);

                /** DeadLetter firstFailedAtMs. */
                firstFailedAtMs: (number|Long);

                /** DeadLetter key. */
                key: Uint8Array;

                /** DeadLetter value. */
                value: Uint8Array;

                /**
                 * Creates a new DeadLetter instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns DeadLetter instance
                 */
                static create(properties: toolfleet.deadletter.v1.DeadLetter.$Shape): toolfleet.deadletter.v1.DeadLetter & toolfleet.deadletter.v1.DeadLetter.$Shape;
                static create(properties?: toolfleet.deadletter.v1.DeadLetter.$Properties): toolfleet.deadletter.v1.DeadLetter;

                /**
                 * Encodes the specified DeadLetter message. Does not implicitly {@link toolfleet.deadletter.v1.DeadLetter.verify|verify} messages.
                 * @param message DeadLetter message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.deadletter.v1.DeadLetter.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified DeadLetter message, length delimited. Does not implicitly {@link toolfleet.deadletter.v1.DeadLetter.verify|verify} messages.
                 * @param message DeadLetter message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.deadletter.v1.DeadLetter.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a DeadLetter message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.deadletter.v1.DeadLetter & toolfleet.deadletter.v1.DeadLetter.$Shape} DeadLetter
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.deadletter.v1.DeadLetter & toolfleet.deadletter.v1.DeadLetter.$Shape;

                /**
                 * Decodes a DeadLetter message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.deadletter.v1.DeadLetter & toolfleet.deadletter.v1.DeadLetter.$Shape} DeadLetter
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.deadletter.v1.DeadLetter & toolfleet.deadletter.v1.DeadLetter.$Shape;

                /**
                 * Verifies a DeadLetter message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a DeadLetter message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns DeadLetter
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.deadletter.v1.DeadLetter;

                /**
                 * Creates a plain object from a DeadLetter message. Also converts values to other types if specified.
                 * @param message DeadLetter
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.deadletter.v1.DeadLetter, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this DeadLetter to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for DeadLetter
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace DeadLetter {

                /** Properties of a DeadLetter. */
                interface $Properties {

                    /** DeadLetter topic */
                    topic?: (string|null);

                    /** DeadLetter partition */
                    partition?: (number|null);

                    /** DeadLetter offset */
                    offset?: (number|Long|null);

                    /** DeadLetter group */
                    group?: (string|null);

                    /** DeadLetter deliveryCount */
                    deliveryCount?: (number|null);

                    /** DeadLetter refusal */
                    refusal?: (toolfleet.refusal.v1.Refusal.$Properties|null);

                    /** DeadLetter firstFailedAtMs */
                    firstFailedAtMs?: (number|Long|null);

                    /** DeadLetter key */
                    key?: (Uint8Array|null);

                    /** DeadLetter value */
                    value?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a DeadLetter. */
                type $Shape = toolfleet.deadletter.v1.DeadLetter.$Properties;
            }
        }
    }

    /** Namespace refusal. */
    namespace refusal {

        /** Namespace v1. */
        namespace v1 {

            /**
             * Properties of a Refusal.
             * @deprecated Use toolfleet.refusal.v1.Refusal.$Properties instead.
             */
            interface IRefusal extends toolfleet.refusal.v1.Refusal.$Properties {
            }

            /** Represents a Refusal. */
            class Refusal {

                /** Reflection-backed declarations are not constructable. Use Refusal.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Refusal kind. */
                kind: toolfleet.refusal.v1.Kind;

                /** Refusal reason. */
                reason: string;

                /** Refusal message. */
                message: string;

                /** Refusal retryable. */
                retryable: boolean;

                /** Refusal retryAfterMs. */
                retryAfterMs?: (number|Long|null);

                /** Refusal hint. */
                hint: string;

                /** Refusal alternatives. */
                alternatives: string[];

                /** Refusal remainingBudget. */
                remainingBudget?: (number|Long|null);

                /** Refusal details. */
                details: { [k: string]: string };

                /**
                 * Creates a new Refusal instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Refusal instance
                 */
                static create(properties: toolfleet.refusal.v1.Refusal.$Shape): toolfleet.refusal.v1.Refusal & toolfleet.refusal.v1.Refusal.$Shape;
                static create(properties?: toolfleet.refusal.v1.Refusal.$Properties): toolfleet.refusal.v1.Refusal;

                /**
                 * Encodes the specified Refusal message. Does not implicitly {@link toolfleet.refusal.v1.Refusal.verify|verify} messages.
                 * @param message Refusal message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.refusal.v1.Refusal.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified Refusal message, length delimited. Does not implicitly {@link toolfleet.refusal.v1.Refusal.verify|verify} messages.
                 * @param message Refusal message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.refusal.v1.Refusal.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Refusal message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.refusal.v1.Refusal & toolfleet.refusal.v1.Refusal.$Shape} Refusal
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.refusal.v1.Refusal & toolfleet.refusal.v1.Refusal.$Shape;

                /**
                 * Decodes a Refusal message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.refusal.v1.Refusal & toolfleet.refusal.v1.Refusal.$Shape} Refusal
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.refusal.v1.Refusal & toolfleet.refusal.v1.Refusal.$Shape;

                /**
                 * Verifies a Refusal message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a Refusal message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns Refusal
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.refusal.v1.Refusal;

                /**
                 * Creates a plain object from a Refusal message. Also converts values to other types if specified.
                 * @param message Refusal
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.refusal.v1.Refusal, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this Refusal to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for Refusal
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace Refusal {

                /** Properties of a Refusal. */
                interface $Properties {

                    /** Refusal kind */
                    kind?: (toolfleet.refusal.v1.Kind|null);

                    /** Refusal reason */
                    reason?: (string|null);

                    /** Refusal message */
                    message?: (string|null);

                    /** Refusal retryable */
                    retryable?: (boolean|null);

                    /** Refusal retryAfterMs */
                    retryAfterMs?: (number|Long|null);

                    /** Refusal hint */
                    hint?: (string|null);

                    /** Refusal alternatives */
                    alternatives?: (string[]|null);

                    /** Refusal remainingBudget */
                    remainingBudget?: (number|Long|null);

                    /** Refusal details */
                    details?: ({ [k: string]: string }|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Refusal. */
                type $Shape = toolfleet.refusal.v1.Refusal.$Properties;
            }

            /** Kind enum. */
            enum Kind {

                /** KIND_UNSPECIFIED value */
                KIND_UNSPECIFIED = 0,

                /** KIND_INVALID value */
                KIND_INVALID = 1,

                /** KIND_DENIED value */
                KIND_DENIED = 2,

                /** KIND_MISSING value */
                KIND_MISSING = 3,

                /** KIND_CONFLICT value */
                KIND_CONFLICT = 4,

                /** KIND_OVERLOADED value */
                KIND_OVERLOADED = 5,

                /** KIND_UNREACHABLE value */
                KIND_UNREACHABLE = 6,

                /** KIND_EXPIRED value */
                KIND_EXPIRED = 7,

                /** KIND_BROKEN value */
                KIND_BROKEN = 8
            }
        }
    }

    /** Namespace policy. */
    namespace policy {

        /** Namespace v1. */
        namespace v1 {

            /**
             * Properties of a PolicyBundle.
             * @deprecated Use toolfleet.policy.v1.PolicyBundle.$Properties instead.
             */
            interface IPolicyBundle extends toolfleet.policy.v1.PolicyBundle.$Properties {
            }

            /** Represents a PolicyBundle. */
            class PolicyBundle {

                /** Reflection-backed declarations are not constructable. Use PolicyBundle.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** PolicyBundle revision. */
                revision: string;

                /** PolicyBundle compiledAtMs. */
                compiledAtMs: (number|Long);

                /** PolicyBundle rules. */
                rules: toolfleet.policy.v1.Rule.$Properties[];

                /**
                 * Creates a new PolicyBundle instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns PolicyBundle instance
                 */
                static create(properties: toolfleet.policy.v1.PolicyBundle.$Shape): toolfleet.policy.v1.PolicyBundle & toolfleet.policy.v1.PolicyBundle.$Shape;
                static create(properties?: toolfleet.policy.v1.PolicyBundle.$Properties): toolfleet.policy.v1.PolicyBundle;

                /**
                 * Encodes the specified PolicyBundle message. Does not implicitly {@link toolfleet.policy.v1.PolicyBundle.verify|verify} messages.
                 * @param message PolicyBundle message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.policy.v1.PolicyBundle.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified PolicyBundle message, length delimited. Does not implicitly {@link toolfleet.policy.v1.PolicyBundle.verify|verify} messages.
                 * @param message PolicyBundle message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.policy.v1.PolicyBundle.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a PolicyBundle message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.policy.v1.PolicyBundle & toolfleet.policy.v1.PolicyBundle.$Shape} PolicyBundle
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.policy.v1.PolicyBundle & toolfleet.policy.v1.PolicyBundle.$Shape;

                /**
                 * Decodes a PolicyBundle message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.policy.v1.PolicyBundle & toolfleet.policy.v1.PolicyBundle.$Shape} PolicyBundle
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.policy.v1.PolicyBundle & toolfleet.policy.v1.PolicyBundle.$Shape;

                /**
                 * Verifies a PolicyBundle message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a PolicyBundle message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns PolicyBundle
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.policy.v1.PolicyBundle;

                /**
                 * Creates a plain object from a PolicyBundle message. Also converts values to other types if specified.
                 * @param message PolicyBundle
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.policy.v1.PolicyBundle, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this PolicyBundle to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for PolicyBundle
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace PolicyBundle {

                /** Properties of a PolicyBundle. */
                interface $Properties {

                    /** PolicyBundle revision */
                    revision?: (string|null);

                    /** PolicyBundle compiledAtMs */
                    compiledAtMs?: (number|Long|null);

                    /** PolicyBundle rules */
                    rules?: (toolfleet.policy.v1.Rule.$Properties[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a PolicyBundle. */
                type $Shape = toolfleet.policy.v1.PolicyBundle.$Properties;
            }

            /** RuleEffect enum. */
            enum RuleEffect {

                /** RULE_EFFECT_UNSPECIFIED value */
                RULE_EFFECT_UNSPECIFIED = 0,

                /** RULE_EFFECT_ALLOW value */
                RULE_EFFECT_ALLOW = 1,

                /** RULE_EFFECT_DENY value */
                RULE_EFFECT_DENY = 2,

                /** RULE_EFFECT_REVIEW value */
                RULE_EFFECT_REVIEW = 3
            }

            /**
             * Properties of a Rule.
             * @deprecated Use toolfleet.policy.v1.Rule.$Properties instead.
             */
            interface IRule extends toolfleet.policy.v1.Rule.$Properties {
            }

            /** Represents a Rule. */
            class Rule {

                /** Reflection-backed declarations are not constructable. Use Rule.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Rule name. */
                name: string;

                /** Rule effect. */
                effect: toolfleet.policy.v1.RuleEffect;

                /** Rule tenants. */
                tenants: string[];

                /** Rule roles. */
                roles: string[];

                /** Rule tools. */
                tools: string[];

                /** Rule when. */
                when: string;

                /** Rule reason. */
                reason: string;

                /** Rule approversNeeded. */
                approversNeeded: number;

                /**
                 * Creates a new Rule instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Rule instance
                 */
                static create(properties: toolfleet.policy.v1.Rule.$Shape): toolfleet.policy.v1.Rule & toolfleet.policy.v1.Rule.$Shape;
                static create(properties?: toolfleet.policy.v1.Rule.$Properties): toolfleet.policy.v1.Rule;

                /**
                 * Encodes the specified Rule message. Does not implicitly {@link toolfleet.policy.v1.Rule.verify|verify} messages.
                 * @param message Rule message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.policy.v1.Rule.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified Rule message, length delimited. Does not implicitly {@link toolfleet.policy.v1.Rule.verify|verify} messages.
                 * @param message Rule message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.policy.v1.Rule.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Rule message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.policy.v1.Rule & toolfleet.policy.v1.Rule.$Shape} Rule
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.policy.v1.Rule & toolfleet.policy.v1.Rule.$Shape;

                /**
                 * Decodes a Rule message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.policy.v1.Rule & toolfleet.policy.v1.Rule.$Shape} Rule
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.policy.v1.Rule & toolfleet.policy.v1.Rule.$Shape;

                /**
                 * Verifies a Rule message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a Rule message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns Rule
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.policy.v1.Rule;

                /**
                 * Creates a plain object from a Rule message. Also converts values to other types if specified.
                 * @param message Rule
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.policy.v1.Rule, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this Rule to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for Rule
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace Rule {

                /** Properties of a Rule. */
                interface $Properties {

                    /** Rule name */
                    name?: (string|null);

                    /** Rule effect */
                    effect?: (toolfleet.policy.v1.RuleEffect|null);

                    /** Rule tenants */
                    tenants?: (string[]|null);

                    /** Rule roles */
                    roles?: (string[]|null);

                    /** Rule tools */
                    tools?: (string[]|null);

                    /** Rule when */
                    when?: (string|null);

                    /** Rule reason */
                    reason?: (string|null);

                    /** Rule approversNeeded */
                    approversNeeded?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Rule. */
                type $Shape = toolfleet.policy.v1.Rule.$Properties;
            }

            /** Represents a PolicyService */
            class PolicyService extends $protobuf.rpc.Service {

                /** Reflection-backed declarations are not constructable. Use PolicyService.create(...) instead. */
                private constructor();

                /**
                 * Creates new PolicyService service using the specified rpc implementation.
                 * @param rpcImpl RPC implementation
                 * @param [requestDelimited=false] Whether requests are length-delimited
                 * @param [responseDelimited=false] Whether responses are length-delimited
                 * @returns RPC service. Useful where requests and/or responses are streamed.
                 */
                static create(rpcImpl: $protobuf.RPCImpl, requestDelimited?: boolean, responseDelimited?: boolean): PolicyService;

                /** Calls ListApprovals. */
                listApprovals: toolfleet.policy.v1.PolicyService.ListApprovals;

                /** Calls DecideApproval. */
                decideApproval: toolfleet.policy.v1.PolicyService.DecideApproval;

                /** Calls ExplainCall. */
                explainCall: toolfleet.policy.v1.PolicyService.ExplainCall;
            }

            namespace PolicyService {

                /**
                 * Callback as used by {@link toolfleet.policy.v1.PolicyService#listApprovals}.
                 * @param error Error, if any
                 * @param [response] ListApprovalsResponse
                 */
                type ListApprovalsCallback = (error: (Error|null), response?: toolfleet.policy.v1.ListApprovalsResponse) => void;

                /** Calls ListApprovals. */
                type ListApprovals = {
                  (request: toolfleet.policy.v1.IListApprovalsRequest, callback: toolfleet.policy.v1.PolicyService.ListApprovalsCallback): void;
                  (request: toolfleet.policy.v1.IListApprovalsRequest): Promise<toolfleet.policy.v1.ListApprovalsResponse>;
                  readonly name: "ListApprovals";
                  readonly path: "/toolfleet.policy.v1.PolicyService/ListApprovals";
                  readonly requestType: "ListApprovalsRequest";
                  readonly responseType: "ListApprovalsResponse";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link toolfleet.policy.v1.PolicyService#decideApproval}.
                 * @param error Error, if any
                 * @param [response] DecideApprovalResponse
                 */
                type DecideApprovalCallback = (error: (Error|null), response?: toolfleet.policy.v1.DecideApprovalResponse) => void;

                /** Calls DecideApproval. */
                type DecideApproval = {
                  (request: toolfleet.policy.v1.IDecideApprovalRequest, callback: toolfleet.policy.v1.PolicyService.DecideApprovalCallback): void;
                  (request: toolfleet.policy.v1.IDecideApprovalRequest): Promise<toolfleet.policy.v1.DecideApprovalResponse>;
                  readonly name: "DecideApproval";
                  readonly path: "/toolfleet.policy.v1.PolicyService/DecideApproval";
                  readonly requestType: "DecideApprovalRequest";
                  readonly responseType: "DecideApprovalResponse";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link toolfleet.policy.v1.PolicyService#explainCall}.
                 * @param error Error, if any
                 * @param [response] ExplainCallResponse
                 */
                type ExplainCallCallback = (error: (Error|null), response?: toolfleet.policy.v1.ExplainCallResponse) => void;

                /** Calls ExplainCall. */
                type ExplainCall = {
                  (request: toolfleet.policy.v1.IExplainCallRequest, callback: toolfleet.policy.v1.PolicyService.ExplainCallCallback): void;
                  (request: toolfleet.policy.v1.IExplainCallRequest): Promise<toolfleet.policy.v1.ExplainCallResponse>;
                  readonly name: "ExplainCall";
                  readonly path: "/toolfleet.policy.v1.PolicyService/ExplainCall";
                  readonly requestType: "ExplainCallRequest";
                  readonly responseType: "ExplainCallResponse";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };
            }

            /** ApprovalState enum. */
            enum ApprovalState {

                /** APPROVAL_STATE_UNSPECIFIED value */
                APPROVAL_STATE_UNSPECIFIED = 0,

                /** APPROVAL_STATE_PENDING value */
                APPROVAL_STATE_PENDING = 1,

                /** APPROVAL_STATE_APPROVED value */
                APPROVAL_STATE_APPROVED = 2,

                /** APPROVAL_STATE_REFUSED value */
                APPROVAL_STATE_REFUSED = 3,

                /** APPROVAL_STATE_EXPIRED value */
                APPROVAL_STATE_EXPIRED = 4
            }

            /**
             * Properties of an Approval.
             * @deprecated Use toolfleet.policy.v1.Approval.$Properties instead.
             */
            interface IApproval extends toolfleet.policy.v1.Approval.$Properties {
            }

            /** Represents an Approval. */
            class Approval {

                /** Reflection-backed declarations are not constructable. Use Approval.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Approval tenant. */
                tenant: string;

                /** Approval callId. */
                callId: string;

                /** Approval sessionId. */
                sessionId: string;

                /** Approval tool. */
                tool: string;

                /** Approval arguments. */
                arguments: Uint8Array;

                /** Approval argumentsDigest. */
                argumentsDigest: Uint8Array;

                /** Approval policyRevision. */
                policyRevision: string;

                /** Approval rule. */
                rule: string;

                /** Approval reason. */
                reason: string;

                /** Approval requestedBy. */
                requestedBy: string;

                /** Approval state. */
                state: toolfleet.policy.v1.ApprovalState;

                /** Approval requestedAtMs. */
                requestedAtMs: (number|Long);

                /** Approval expiresAtMs. */
                expiresAtMs: (number|Long);

                /** Approval approvedBy. */
                approvedBy: string[];

                /** Approval approversNeeded. */
                approversNeeded: number;

                /**
                 * Creates a new Approval instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Approval instance
                 */
                static create(properties: toolfleet.policy.v1.Approval.$Shape): toolfleet.policy.v1.Approval & toolfleet.policy.v1.Approval.$Shape;
                static create(properties?: toolfleet.policy.v1.Approval.$Properties): toolfleet.policy.v1.Approval;

                /**
                 * Encodes the specified Approval message. Does not implicitly {@link toolfleet.policy.v1.Approval.verify|verify} messages.
                 * @param message Approval message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.policy.v1.Approval.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified Approval message, length delimited. Does not implicitly {@link toolfleet.policy.v1.Approval.verify|verify} messages.
                 * @param message Approval message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.policy.v1.Approval.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an Approval message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.policy.v1.Approval & toolfleet.policy.v1.Approval.$Shape} Approval
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.policy.v1.Approval & toolfleet.policy.v1.Approval.$Shape;

                /**
                 * Decodes an Approval message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.policy.v1.Approval & toolfleet.policy.v1.Approval.$Shape} Approval
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.policy.v1.Approval & toolfleet.policy.v1.Approval.$Shape;

                /**
                 * Verifies an Approval message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates an Approval message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns Approval
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.policy.v1.Approval;

                /**
                 * Creates a plain object from an Approval message. Also converts values to other types if specified.
                 * @param message Approval
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.policy.v1.Approval, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this Approval to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for Approval
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace Approval {

                /** Properties of an Approval. */
                interface $Properties {

                    /** Approval tenant */
                    tenant?: (string|null);

                    /** Approval callId */
                    callId?: (string|null);

                    /** Approval sessionId */
                    sessionId?: (string|null);

                    /** Approval tool */
                    tool?: (string|null);

                    /** Approval arguments */
                    "arguments"?: (Uint8Array|null);

                    /** Approval argumentsDigest */
                    argumentsDigest?: (Uint8Array|null);

                    /** Approval policyRevision */
                    policyRevision?: (string|null);

                    /** Approval rule */
                    rule?: (string|null);

                    /** Approval reason */
                    reason?: (string|null);

                    /** Approval requestedBy */
                    requestedBy?: (string|null);

                    /** Approval state */
                    state?: (toolfleet.policy.v1.ApprovalState|null);

                    /** Approval requestedAtMs */
                    requestedAtMs?: (number|Long|null);

                    /** Approval expiresAtMs */
                    expiresAtMs?: (number|Long|null);

                    /** Approval approvedBy */
                    approvedBy?: (string[]|null);

                    /** Approval approversNeeded */
                    approversNeeded?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an Approval. */
                type $Shape = toolfleet.policy.v1.Approval.$Properties;
            }

            /**
             * Properties of a ListApprovalsRequest.
             * @deprecated Use toolfleet.policy.v1.ListApprovalsRequest.$Properties instead.
             */
            interface IListApprovalsRequest extends toolfleet.policy.v1.ListApprovalsRequest.$Properties {
            }

            /** Represents a ListApprovalsRequest. */
            class ListApprovalsRequest {

                /** Reflection-backed declarations are not constructable. Use ListApprovalsRequest.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ListApprovalsRequest tenant. */
                tenant: string;

                /** ListApprovalsRequest pageSize. */
                pageSize: number;

                /**
                 * Creates a new ListApprovalsRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ListApprovalsRequest instance
                 */
                static create(properties: toolfleet.policy.v1.ListApprovalsRequest.$Shape): toolfleet.policy.v1.ListApprovalsRequest & toolfleet.policy.v1.ListApprovalsRequest.$Shape;
                static create(properties?: toolfleet.policy.v1.ListApprovalsRequest.$Properties): toolfleet.policy.v1.ListApprovalsRequest;

                /**
                 * Encodes the specified ListApprovalsRequest message. Does not implicitly {@link toolfleet.policy.v1.ListApprovalsRequest.verify|verify} messages.
                 * @param message ListApprovalsRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.policy.v1.ListApprovalsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified ListApprovalsRequest message, length delimited. Does not implicitly {@link toolfleet.policy.v1.ListApprovalsRequest.verify|verify} messages.
                 * @param message ListApprovalsRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.policy.v1.ListApprovalsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ListApprovalsRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.policy.v1.ListApprovalsRequest & toolfleet.policy.v1.ListApprovalsRequest.$Shape} ListApprovalsRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.policy.v1.ListApprovalsRequest & toolfleet.policy.v1.ListApprovalsRequest.$Shape;

                /**
                 * Decodes a ListApprovalsRequest message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.policy.v1.ListApprovalsRequest & toolfleet.policy.v1.ListApprovalsRequest.$Shape} ListApprovalsRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.policy.v1.ListApprovalsRequest & toolfleet.policy.v1.ListApprovalsRequest.$Shape;

                /**
                 * Verifies a ListApprovalsRequest message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a ListApprovalsRequest message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns ListApprovalsRequest
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.policy.v1.ListApprovalsRequest;

                /**
                 * Creates a plain object from a ListApprovalsRequest message. Also converts values to other types if specified.
                 * @param message ListApprovalsRequest
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.policy.v1.ListApprovalsRequest, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this ListApprovalsRequest to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for ListApprovalsRequest
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace ListApprovalsRequest {

                /** Properties of a ListApprovalsRequest. */
                interface $Properties {

                    /** ListApprovalsRequest tenant */
                    tenant?: (string|null);

                    /** ListApprovalsRequest pageSize */
                    pageSize?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ListApprovalsRequest. */
                type $Shape = toolfleet.policy.v1.ListApprovalsRequest.$Properties;
            }

            /**
             * Properties of a ListApprovalsResponse.
             * @deprecated Use toolfleet.policy.v1.ListApprovalsResponse.$Properties instead.
             */
            interface IListApprovalsResponse extends toolfleet.policy.v1.ListApprovalsResponse.$Properties {
            }

            /** Represents a ListApprovalsResponse. */
            class ListApprovalsResponse {

                /** Reflection-backed declarations are not constructable. Use ListApprovalsResponse.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ListApprovalsResponse approvals. */
                approvals: toolfleet.policy.v1.Approval.$Properties[];

                /**
                 * Creates a new ListApprovalsResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ListApprovalsResponse instance
                 */
                static create(properties: toolfleet.policy.v1.ListApprovalsResponse.$Shape): toolfleet.policy.v1.ListApprovalsResponse & toolfleet.policy.v1.ListApprovalsResponse.$Shape;
                static create(properties?: toolfleet.policy.v1.ListApprovalsResponse.$Properties): toolfleet.policy.v1.ListApprovalsResponse;

                /**
                 * Encodes the specified ListApprovalsResponse message. Does not implicitly {@link toolfleet.policy.v1.ListApprovalsResponse.verify|verify} messages.
                 * @param message ListApprovalsResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.policy.v1.ListApprovalsResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified ListApprovalsResponse message, length delimited. Does not implicitly {@link toolfleet.policy.v1.ListApprovalsResponse.verify|verify} messages.
                 * @param message ListApprovalsResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.policy.v1.ListApprovalsResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ListApprovalsResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.policy.v1.ListApprovalsResponse & toolfleet.policy.v1.ListApprovalsResponse.$Shape} ListApprovalsResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.policy.v1.ListApprovalsResponse & toolfleet.policy.v1.ListApprovalsResponse.$Shape;

                /**
                 * Decodes a ListApprovalsResponse message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.policy.v1.ListApprovalsResponse & toolfleet.policy.v1.ListApprovalsResponse.$Shape} ListApprovalsResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.policy.v1.ListApprovalsResponse & toolfleet.policy.v1.ListApprovalsResponse.$Shape;

                /**
                 * Verifies a ListApprovalsResponse message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a ListApprovalsResponse message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns ListApprovalsResponse
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.policy.v1.ListApprovalsResponse;

                /**
                 * Creates a plain object from a ListApprovalsResponse message. Also converts values to other types if specified.
                 * @param message ListApprovalsResponse
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.policy.v1.ListApprovalsResponse, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this ListApprovalsResponse to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for ListApprovalsResponse
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace ListApprovalsResponse {

                /** Properties of a ListApprovalsResponse. */
                interface $Properties {

                    /** ListApprovalsResponse approvals */
                    approvals?: (toolfleet.policy.v1.Approval.$Properties[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ListApprovalsResponse. */
                type $Shape = toolfleet.policy.v1.ListApprovalsResponse.$Properties;
            }

            /**
             * Properties of a DecideApprovalRequest.
             * @deprecated Use toolfleet.policy.v1.DecideApprovalRequest.$Properties instead.
             */
            interface IDecideApprovalRequest extends toolfleet.policy.v1.DecideApprovalRequest.$Properties {
            }

            /** Represents a DecideApprovalRequest. */
            class DecideApprovalRequest {

                /** Reflection-backed declarations are not constructable. Use DecideApprovalRequest.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** DecideApprovalRequest tenant. */
                tenant: string;

                /** DecideApprovalRequest callId. */
                callId: string;

                /** DecideApprovalRequest approve. */
                approve: boolean;

                /** DecideApprovalRequest decidedBy. */
                decidedBy: string;

                /** DecideApprovalRequest comment. */
                comment: string;

                /**
                 * Creates a new DecideApprovalRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns DecideApprovalRequest instance
                 */
                static create(properties: toolfleet.policy.v1.DecideApprovalRequest.$Shape): toolfleet.policy.v1.DecideApprovalRequest & toolfleet.policy.v1.DecideApprovalRequest.$Shape;
                static create(properties?: toolfleet.policy.v1.DecideApprovalRequest.$Properties): toolfleet.policy.v1.DecideApprovalRequest;

                /**
                 * Encodes the specified DecideApprovalRequest message. Does not implicitly {@link toolfleet.policy.v1.DecideApprovalRequest.verify|verify} messages.
                 * @param message DecideApprovalRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.policy.v1.DecideApprovalRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified DecideApprovalRequest message, length delimited. Does not implicitly {@link toolfleet.policy.v1.DecideApprovalRequest.verify|verify} messages.
                 * @param message DecideApprovalRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.policy.v1.DecideApprovalRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a DecideApprovalRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.policy.v1.DecideApprovalRequest & toolfleet.policy.v1.DecideApprovalRequest.$Shape} DecideApprovalRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.policy.v1.DecideApprovalRequest & toolfleet.policy.v1.DecideApprovalRequest.$Shape;

                /**
                 * Decodes a DecideApprovalRequest message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.policy.v1.DecideApprovalRequest & toolfleet.policy.v1.DecideApprovalRequest.$Shape} DecideApprovalRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.policy.v1.DecideApprovalRequest & toolfleet.policy.v1.DecideApprovalRequest.$Shape;

                /**
                 * Verifies a DecideApprovalRequest message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a DecideApprovalRequest message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns DecideApprovalRequest
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.policy.v1.DecideApprovalRequest;

                /**
                 * Creates a plain object from a DecideApprovalRequest message. Also converts values to other types if specified.
                 * @param message DecideApprovalRequest
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.policy.v1.DecideApprovalRequest, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this DecideApprovalRequest to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for DecideApprovalRequest
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace DecideApprovalRequest {

                /** Properties of a DecideApprovalRequest. */
                interface $Properties {

                    /** DecideApprovalRequest tenant */
                    tenant?: (string|null);

                    /** DecideApprovalRequest callId */
                    callId?: (string|null);

                    /** DecideApprovalRequest approve */
                    approve?: (boolean|null);

                    /** DecideApprovalRequest decidedBy */
                    decidedBy?: (string|null);

                    /** DecideApprovalRequest comment */
                    comment?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a DecideApprovalRequest. */
                type $Shape = toolfleet.policy.v1.DecideApprovalRequest.$Properties;
            }

            /**
             * Properties of a DecideApprovalResponse.
             * @deprecated Use toolfleet.policy.v1.DecideApprovalResponse.$Properties instead.
             */
            interface IDecideApprovalResponse extends toolfleet.policy.v1.DecideApprovalResponse.$Properties {
            }

            /** Represents a DecideApprovalResponse. */
            class DecideApprovalResponse {

                /** Reflection-backed declarations are not constructable. Use DecideApprovalResponse.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** DecideApprovalResponse approval. */
                approval?: (toolfleet.policy.v1.Approval.$Properties|null);

                /**
                 * Creates a new DecideApprovalResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns DecideApprovalResponse instance
                 */
                static create(properties: toolfleet.policy.v1.DecideApprovalResponse.$Shape): toolfleet.policy.v1.DecideApprovalResponse & toolfleet.policy.v1.DecideApprovalResponse.$Shape;
                static create(properties?: toolfleet.policy.v1.DecideApprovalResponse.$Properties): toolfleet.policy.v1.DecideApprovalResponse;

                /**
                 * Encodes the specified DecideApprovalResponse message. Does not implicitly {@link toolfleet.policy.v1.DecideApprovalResponse.verify|verify} messages.
                 * @param message DecideApprovalResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.policy.v1.DecideApprovalResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified DecideApprovalResponse message, length delimited. Does not implicitly {@link toolfleet.policy.v1.DecideApprovalResponse.verify|verify} messages.
                 * @param message DecideApprovalResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.policy.v1.DecideApprovalResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a DecideApprovalResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.policy.v1.DecideApprovalResponse & toolfleet.policy.v1.DecideApprovalResponse.$Shape} DecideApprovalResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.policy.v1.DecideApprovalResponse & toolfleet.policy.v1.DecideApprovalResponse.$Shape;

                /**
                 * Decodes a DecideApprovalResponse message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.policy.v1.DecideApprovalResponse & toolfleet.policy.v1.DecideApprovalResponse.$Shape} DecideApprovalResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.policy.v1.DecideApprovalResponse & toolfleet.policy.v1.DecideApprovalResponse.$Shape;

                /**
                 * Verifies a DecideApprovalResponse message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a DecideApprovalResponse message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns DecideApprovalResponse
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.policy.v1.DecideApprovalResponse;

                /**
                 * Creates a plain object from a DecideApprovalResponse message. Also converts values to other types if specified.
                 * @param message DecideApprovalResponse
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.policy.v1.DecideApprovalResponse, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this DecideApprovalResponse to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for DecideApprovalResponse
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace DecideApprovalResponse {

                /** Properties of a DecideApprovalResponse. */
                interface $Properties {

                    /** DecideApprovalResponse approval */
                    approval?: (toolfleet.policy.v1.Approval.$Properties|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a DecideApprovalResponse. */
                type $Shape = toolfleet.policy.v1.DecideApprovalResponse.$Properties;
            }

            /**
             * Properties of an ExplainCallRequest.
             * @deprecated Use toolfleet.policy.v1.ExplainCallRequest.$Properties instead.
             */
            interface IExplainCallRequest extends toolfleet.policy.v1.ExplainCallRequest.$Properties {
            }

            /** Represents an ExplainCallRequest. */
            class ExplainCallRequest {

                /** Reflection-backed declarations are not constructable. Use ExplainCallRequest.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ExplainCallRequest tenant. */
                tenant: string;

                /** ExplainCallRequest user. */
                user: string;

                /** ExplainCallRequest roles. */
                roles: string[];

                /** ExplainCallRequest tool. */
                tool: string;

                /** ExplainCallRequest arguments. */
                arguments: Uint8Array;

                /**
                 * Creates a new ExplainCallRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ExplainCallRequest instance
                 */
                static create(properties: toolfleet.policy.v1.ExplainCallRequest.$Shape): toolfleet.policy.v1.ExplainCallRequest & toolfleet.policy.v1.ExplainCallRequest.$Shape;
                static create(properties?: toolfleet.policy.v1.ExplainCallRequest.$Properties): toolfleet.policy.v1.ExplainCallRequest;

                /**
                 * Encodes the specified ExplainCallRequest message. Does not implicitly {@link toolfleet.policy.v1.ExplainCallRequest.verify|verify} messages.
                 * @param message ExplainCallRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.policy.v1.ExplainCallRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified ExplainCallRequest message, length delimited. Does not implicitly {@link toolfleet.policy.v1.ExplainCallRequest.verify|verify} messages.
                 * @param message ExplainCallRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.policy.v1.ExplainCallRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an ExplainCallRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.policy.v1.ExplainCallRequest & toolfleet.policy.v1.ExplainCallRequest.$Shape} ExplainCallRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.policy.v1.ExplainCallRequest & toolfleet.policy.v1.ExplainCallRequest.$Shape;

                /**
                 * Decodes an ExplainCallRequest message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.policy.v1.ExplainCallRequest & toolfleet.policy.v1.ExplainCallRequest.$Shape} ExplainCallRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.policy.v1.ExplainCallRequest & toolfleet.policy.v1.ExplainCallRequest.$Shape;

                /**
                 * Verifies an ExplainCallRequest message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates an ExplainCallRequest message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns ExplainCallRequest
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.policy.v1.ExplainCallRequest;

                /**
                 * Creates a plain object from an ExplainCallRequest message. Also converts values to other types if specified.
                 * @param message ExplainCallRequest
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.policy.v1.ExplainCallRequest, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this ExplainCallRequest to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for ExplainCallRequest
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace ExplainCallRequest {

                /** Properties of an ExplainCallRequest. */
                interface $Properties {

                    /** ExplainCallRequest tenant */
                    tenant?: (string|null);

                    /** ExplainCallRequest user */
                    user?: (string|null);

                    /** ExplainCallRequest roles */
                    roles?: (string[]|null);

                    /** ExplainCallRequest tool */
                    tool?: (string|null);

                    /** ExplainCallRequest arguments */
                    "arguments"?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an ExplainCallRequest. */
                type $Shape = toolfleet.policy.v1.ExplainCallRequest.$Properties;
            }

            /**
             * Properties of an ExplainCallResponse.
             * @deprecated Use toolfleet.policy.v1.ExplainCallResponse.$Properties instead.
             */
            interface IExplainCallResponse extends toolfleet.policy.v1.ExplainCallResponse.$Properties {
            }

            /** Represents an ExplainCallResponse. */
            class ExplainCallResponse {

                /** Reflection-backed declarations are not constructable. Use ExplainCallResponse.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ExplainCallResponse effect. */
                effect: toolfleet.policy.v1.RuleEffect;

                /** ExplainCallResponse rule. */
                rule: string;

                /** ExplainCallResponse policyRevision. */
                policyRevision: string;

                /** ExplainCallResponse refusal. */
                refusal?: (toolfleet.refusal.v1.Refusal.$Properties|null);

                /** ExplainCallResponse toolEffect. */
                toolEffect: toolfleet.toolcall.v1.Effect;

                /**
                 * Creates a new ExplainCallResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ExplainCallResponse instance
                 */
                static create(properties: toolfleet.policy.v1.ExplainCallResponse.$Shape): toolfleet.policy.v1.ExplainCallResponse & toolfleet.policy.v1.ExplainCallResponse.$Shape;
                static create(properties?: toolfleet.policy.v1.ExplainCallResponse.$Properties): toolfleet.policy.v1.ExplainCallResponse;

                /**
                 * Encodes the specified ExplainCallResponse message. Does not implicitly {@link toolfleet.policy.v1.ExplainCallResponse.verify|verify} messages.
                 * @param message ExplainCallResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.policy.v1.ExplainCallResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified ExplainCallResponse message, length delimited. Does not implicitly {@link toolfleet.policy.v1.ExplainCallResponse.verify|verify} messages.
                 * @param message ExplainCallResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.policy.v1.ExplainCallResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an ExplainCallResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.policy.v1.ExplainCallResponse & toolfleet.policy.v1.ExplainCallResponse.$Shape} ExplainCallResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.policy.v1.ExplainCallResponse & toolfleet.policy.v1.ExplainCallResponse.$Shape;

                /**
                 * Decodes an ExplainCallResponse message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.policy.v1.ExplainCallResponse & toolfleet.policy.v1.ExplainCallResponse.$Shape} ExplainCallResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.policy.v1.ExplainCallResponse & toolfleet.policy.v1.ExplainCallResponse.$Shape;

                /**
                 * Verifies an ExplainCallResponse message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates an ExplainCallResponse message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns ExplainCallResponse
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.policy.v1.ExplainCallResponse;

                /**
                 * Creates a plain object from an ExplainCallResponse message. Also converts values to other types if specified.
                 * @param message ExplainCallResponse
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.policy.v1.ExplainCallResponse, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this ExplainCallResponse to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for ExplainCallResponse
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace ExplainCallResponse {

                /** Properties of an ExplainCallResponse. */
                interface $Properties {

                    /** ExplainCallResponse effect */
                    effect?: (toolfleet.policy.v1.RuleEffect|null);

                    /** ExplainCallResponse rule */
                    rule?: (string|null);

                    /** ExplainCallResponse policyRevision */
                    policyRevision?: (string|null);

                    /** ExplainCallResponse refusal */
                    refusal?: (toolfleet.refusal.v1.Refusal.$Properties|null);

                    /** ExplainCallResponse toolEffect */
                    toolEffect?: (toolfleet.toolcall.v1.Effect|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an ExplainCallResponse. */
                type $Shape = toolfleet.policy.v1.ExplainCallResponse.$Properties;
            }
        }
    }

    /** Namespace toolcall. */
    namespace toolcall {

        /** Namespace v1. */
        namespace v1 {

            /** Effect enum. */
            enum Effect {

                /** EFFECT_UNSPECIFIED value */
                EFFECT_UNSPECIFIED = 0,

                /** EFFECT_READ value */
                EFFECT_READ = 1,

                /** EFFECT_WRITE value */
                EFFECT_WRITE = 2
            }

            /**
             * Properties of a ToolCall.
             * @deprecated Use toolfleet.toolcall.v1.ToolCall.$Properties instead.
             */
            interface IToolCall extends toolfleet.toolcall.v1.ToolCall.$Properties {
            }

            /** Represents a ToolCall. */
            class ToolCall {

                /** Reflection-backed declarations are not constructable. Use ToolCall.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ToolCall tenant. */
                tenant: string;

                /** ToolCall sessionId. */
                sessionId: string;

                /** ToolCall callId. */
                callId: string;

                /** ToolCall tool. */
                tool: string;

                /** ToolCall toolVersion. */
                toolVersion: string;

                /** ToolCall toolClass. */
                toolClass: string;

                /** ToolCall effect. */
                effect: toolfleet.toolcall.v1.Effect;

                /** ToolCall arguments. */
                arguments: Uint8Array;

                /** ToolCall conflictKey. */
                conflictKey: string;

                /** ToolCall deadlineAtMs. */
                deadlineAtMs: (number|Long);

                /** ToolCall idempotencyKey. */
                idempotencyKey: string;

                /** ToolCall user. */
                user: string;

                /** ToolCall receipt. */
                receipt?: (toolfleet.toolcall.v1.AuthorisationReceipt.$Properties|null);

                /**
                 * Creates a new ToolCall instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ToolCall instance
                 */
                static create(properties: toolfleet.toolcall.v1.ToolCall.$Shape): toolfleet.toolcall.v1.ToolCall & toolfleet.toolcall.v1.ToolCall.$Shape;
                static create(properties?: toolfleet.toolcall.v1.ToolCall.$Properties): toolfleet.toolcall.v1.ToolCall;

                /**
                 * Encodes the specified ToolCall message. Does not implicitly {@link toolfleet.toolcall.v1.ToolCall.verify|verify} messages.
                 * @param message ToolCall message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.toolcall.v1.ToolCall.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified ToolCall message, length delimited. Does not implicitly {@link toolfleet.toolcall.v1.ToolCall.verify|verify} messages.
                 * @param message ToolCall message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.toolcall.v1.ToolCall.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ToolCall message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.toolcall.v1.ToolCall & toolfleet.toolcall.v1.ToolCall.$Shape} ToolCall
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.toolcall.v1.ToolCall & toolfleet.toolcall.v1.ToolCall.$Shape;

                /**
                 * Decodes a ToolCall message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.toolcall.v1.ToolCall & toolfleet.toolcall.v1.ToolCall.$Shape} ToolCall
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.toolcall.v1.ToolCall & toolfleet.toolcall.v1.ToolCall.$Shape;

                /**
                 * Verifies a ToolCall message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a ToolCall message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns ToolCall
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.toolcall.v1.ToolCall;

                /**
                 * Creates a plain object from a ToolCall message. Also converts values to other types if specified.
                 * @param message ToolCall
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.toolcall.v1.ToolCall, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this ToolCall to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for ToolCall
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace ToolCall {

                /** Properties of a ToolCall. */
                interface $Properties {

                    /** ToolCall tenant */
                    tenant?: (string|null);

                    /** ToolCall sessionId */
                    sessionId?: (string|null);

                    /** ToolCall callId */
                    callId?: (string|null);

                    /** ToolCall tool */
                    tool?: (string|null);

                    /** ToolCall toolVersion */
                    toolVersion?: (string|null);

                    /** ToolCall toolClass */
                    toolClass?: (string|null);

                    /** ToolCall effect */
                    effect?: (toolfleet.toolcall.v1.Effect|null);

                    /** ToolCall arguments */
                    "arguments"?: (Uint8Array|null);

                    /** ToolCall conflictKey */
                    conflictKey?: (string|null);

                    /** ToolCall deadlineAtMs */
                    deadlineAtMs?: (number|Long|null);

                    /** ToolCall idempotencyKey */
                    idempotencyKey?: (string|null);

                    /** ToolCall user */
                    user?: (string|null);

                    /** ToolCall receipt */
                    receipt?: (toolfleet.toolcall.v1.AuthorisationReceipt.$Properties|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ToolCall. */
                type $Shape = toolfleet.toolcall.v1.ToolCall.$Properties;
            }

            /**
             * Properties of an AuthorisationReceipt.
             * @deprecated Use toolfleet.toolcall.v1.AuthorisationReceipt.$Properties instead.
             */
            interface IAuthorisationReceipt extends toolfleet.toolcall.v1.AuthorisationReceipt.$Properties {
            }

            /** Represents an AuthorisationReceipt. */
            class AuthorisationReceipt {

                /** Reflection-backed declarations are not constructable. Use AuthorisationReceipt.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** AuthorisationReceipt keyId. */
                keyId: string;

                /** AuthorisationReceipt issuer. */
                issuer: string;

                /** AuthorisationReceipt policyRevision. */
                policyRevision: string;

                /** AuthorisationReceipt rule. */
                rule: string;

                /** AuthorisationReceipt argumentsDigest. */
                argumentsDigest: Uint8Array;

                /** AuthorisationReceipt expiresAtMs. */
                expiresAtMs: (number|Long);

                /** AuthorisationReceipt signature. */
                signature: Uint8Array;

                /**
                 * Creates a new AuthorisationReceipt instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns AuthorisationReceipt instance
                 */
                static create(properties: toolfleet.toolcall.v1.AuthorisationReceipt.$Shape): toolfleet.toolcall.v1.AuthorisationReceipt & toolfleet.toolcall.v1.AuthorisationReceipt.$Shape;
                static create(properties?: toolfleet.toolcall.v1.AuthorisationReceipt.$Properties): toolfleet.toolcall.v1.AuthorisationReceipt;

                /**
                 * Encodes the specified AuthorisationReceipt message. Does not implicitly {@link toolfleet.toolcall.v1.AuthorisationReceipt.verify|verify} messages.
                 * @param message AuthorisationReceipt message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.toolcall.v1.AuthorisationReceipt.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified AuthorisationReceipt message, length delimited. Does not implicitly {@link toolfleet.toolcall.v1.AuthorisationReceipt.verify|verify} messages.
                 * @param message AuthorisationReceipt message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.toolcall.v1.AuthorisationReceipt.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an AuthorisationReceipt message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.toolcall.v1.AuthorisationReceipt & toolfleet.toolcall.v1.AuthorisationReceipt.$Shape} AuthorisationReceipt
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.toolcall.v1.AuthorisationReceipt & toolfleet.toolcall.v1.AuthorisationReceipt.$Shape;

                /**
                 * Decodes an AuthorisationReceipt message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.toolcall.v1.AuthorisationReceipt & toolfleet.toolcall.v1.AuthorisationReceipt.$Shape} AuthorisationReceipt
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.toolcall.v1.AuthorisationReceipt & toolfleet.toolcall.v1.AuthorisationReceipt.$Shape;

                /**
                 * Verifies an AuthorisationReceipt message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates an AuthorisationReceipt message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns AuthorisationReceipt
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.toolcall.v1.AuthorisationReceipt;

                /**
                 * Creates a plain object from an AuthorisationReceipt message. Also converts values to other types if specified.
                 * @param message AuthorisationReceipt
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.toolcall.v1.AuthorisationReceipt, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this AuthorisationReceipt to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for AuthorisationReceipt
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace AuthorisationReceipt {

                /** Properties of an AuthorisationReceipt. */
                interface $Properties {

                    /** AuthorisationReceipt keyId */
                    keyId?: (string|null);

                    /** AuthorisationReceipt issuer */
                    issuer?: (string|null);

                    /** AuthorisationReceipt policyRevision */
                    policyRevision?: (string|null);

                    /** AuthorisationReceipt rule */
                    rule?: (string|null);

                    /** AuthorisationReceipt argumentsDigest */
                    argumentsDigest?: (Uint8Array|null);

                    /** AuthorisationReceipt expiresAtMs */
                    expiresAtMs?: (number|Long|null);

                    /** AuthorisationReceipt signature */
                    signature?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an AuthorisationReceipt. */
                type $Shape = toolfleet.toolcall.v1.AuthorisationReceipt.$Properties;
            }

            /**
             * Properties of a ToolCallReview.
             * @deprecated Use toolfleet.toolcall.v1.ToolCallReview.$Properties instead.
             */
            interface IToolCallReview extends toolfleet.toolcall.v1.ToolCallReview.$Properties {
            }

            /** Represents a ToolCallReview. */
            class ToolCallReview {

                /** Reflection-backed declarations are not constructable. Use ToolCallReview.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ToolCallReview call. */
                call?: (toolfleet.toolcall.v1.ToolCall.$Properties|null);

                /** ToolCallReview rule. */
                rule: string;

                /** ToolCallReview reason. */
                reason: string;

                /** ToolCallReview policyRevision. */
                policyRevision: string;

                /** ToolCallReview expiresAtMs. */
                expiresAtMs: (number|Long);

                /** ToolCallReview approversNeeded. */
                approversNeeded: number;

                /** ToolCallReview agent. */
                agent: string;

                /**
                 * Creates a new ToolCallReview instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ToolCallReview instance
                 */
                static create(properties: toolfleet.toolcall.v1.ToolCallReview.$Shape): toolfleet.toolcall.v1.ToolCallReview & toolfleet.toolcall.v1.ToolCallReview.$Shape;
                static create(properties?: toolfleet.toolcall.v1.ToolCallReview.$Properties): toolfleet.toolcall.v1.ToolCallReview;

                /**
                 * Encodes the specified ToolCallReview message. Does not implicitly {@link toolfleet.toolcall.v1.ToolCallReview.verify|verify} messages.
                 * @param message ToolCallReview message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.toolcall.v1.ToolCallReview.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified ToolCallReview message, length delimited. Does not implicitly {@link toolfleet.toolcall.v1.ToolCallReview.verify|verify} messages.
                 * @param message ToolCallReview message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.toolcall.v1.ToolCallReview.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ToolCallReview message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.toolcall.v1.ToolCallReview & toolfleet.toolcall.v1.ToolCallReview.$Shape} ToolCallReview
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.toolcall.v1.ToolCallReview & toolfleet.toolcall.v1.ToolCallReview.$Shape;

                /**
                 * Decodes a ToolCallReview message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.toolcall.v1.ToolCallReview & toolfleet.toolcall.v1.ToolCallReview.$Shape} ToolCallReview
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.toolcall.v1.ToolCallReview & toolfleet.toolcall.v1.ToolCallReview.$Shape;

                /**
                 * Verifies a ToolCallReview message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a ToolCallReview message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns ToolCallReview
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.toolcall.v1.ToolCallReview;

                /**
                 * Creates a plain object from a ToolCallReview message. Also converts values to other types if specified.
                 * @param message ToolCallReview
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.toolcall.v1.ToolCallReview, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this ToolCallReview to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for ToolCallReview
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace ToolCallReview {

                /** Properties of a ToolCallReview. */
                interface $Properties {

                    /** ToolCallReview call */
                    call?: (toolfleet.toolcall.v1.ToolCall.$Properties|null);

                    /** ToolCallReview rule */
                    rule?: (string|null);

                    /** ToolCallReview reason */
                    reason?: (string|null);

                    /** ToolCallReview policyRevision */
                    policyRevision?: (string|null);

                    /** ToolCallReview expiresAtMs */
                    expiresAtMs?: (number|Long|null);

                    /** ToolCallReview approversNeeded */
                    approversNeeded?: (number|null);

                    /** ToolCallReview agent */
                    agent?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ToolCallReview. */
                type $Shape = toolfleet.toolcall.v1.ToolCallReview.$Properties;
            }

            /**
             * Properties of an Observation.
             * @deprecated Use toolfleet.toolcall.v1.Observation.$Properties instead.
             */
            interface IObservation extends toolfleet.toolcall.v1.Observation.$Properties {
            }

            /** Represents an Observation. */
            class Observation {

                /** Reflection-backed declarations are not constructable. Use Observation.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Observation callId. */
                callId: string;

                /** Observation outcome. */
                outcome: toolfleet.toolcall.v1.Outcome;

                /** Observation result. */
                result: Uint8Array;

                /** Observation contentType. */
                contentType: string;

                /** Observation refusal. */
                refusal?: (toolfleet.refusal.v1.Refusal.$Properties|null);

                /** Observation startedAtMs. */
                startedAtMs: (number|Long);

                /** Observation finishedAtMs. */
                finishedAtMs: (number|Long);

                /** Observation artifact. */
                artifact: string;

                /** Observation resultBytes. */
                resultBytes: (number|Long);

                /**
                 * Creates a new Observation instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Observation instance
                 */
                static create(properties: toolfleet.toolcall.v1.Observation.$Shape): toolfleet.toolcall.v1.Observation & toolfleet.toolcall.v1.Observation.$Shape;
                static create(properties?: toolfleet.toolcall.v1.Observation.$Properties): toolfleet.toolcall.v1.Observation;

                /**
                 * Encodes the specified Observation message. Does not implicitly {@link toolfleet.toolcall.v1.Observation.verify|verify} messages.
                 * @param message Observation message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.toolcall.v1.Observation.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified Observation message, length delimited. Does not implicitly {@link toolfleet.toolcall.v1.Observation.verify|verify} messages.
                 * @param message Observation message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.toolcall.v1.Observation.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an Observation message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.toolcall.v1.Observation & toolfleet.toolcall.v1.Observation.$Shape} Observation
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.toolcall.v1.Observation & toolfleet.toolcall.v1.Observation.$Shape;

                /**
                 * Decodes an Observation message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.toolcall.v1.Observation & toolfleet.toolcall.v1.Observation.$Shape} Observation
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.toolcall.v1.Observation & toolfleet.toolcall.v1.Observation.$Shape;

                /**
                 * Verifies an Observation message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates an Observation message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns Observation
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.toolcall.v1.Observation;

                /**
                 * Creates a plain object from an Observation message. Also converts values to other types if specified.
                 * @param message Observation
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.toolcall.v1.Observation, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this Observation to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for Observation
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace Observation {

                /** Properties of an Observation. */
                interface $Properties {

                    /** Observation callId */
                    callId?: (string|null);

                    /** Observation outcome */
                    outcome?: (toolfleet.toolcall.v1.Outcome|null);

                    /** Observation result */
                    result?: (Uint8Array|null);

                    /** Observation contentType */
                    contentType?: (string|null);

                    /** Observation refusal */
                    refusal?: (toolfleet.refusal.v1.Refusal.$Properties|null);

                    /** Observation startedAtMs */
                    startedAtMs?: (number|Long|null);

                    /** Observation finishedAtMs */
                    finishedAtMs?: (number|Long|null);

                    /** Observation artifact */
                    artifact?: (string|null);

                    /** Observation resultBytes */
                    resultBytes?: (number|Long|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an Observation. */
                type $Shape = toolfleet.toolcall.v1.Observation.$Properties;
            }

            /** Outcome enum. */
            enum Outcome {

                /** OUTCOME_UNSPECIFIED value */
                OUTCOME_UNSPECIFIED = 0,

                /** OUTCOME_OK value */
                OUTCOME_OK = 1,

                /** OUTCOME_FAILED value */
                OUTCOME_FAILED = 2,

                /** OUTCOME_DENIED value */
                OUTCOME_DENIED = 3,

                /** OUTCOME_SHED value */
                OUTCOME_SHED = 4,

                /** OUTCOME_UNAVAILABLE value */
                OUTCOME_UNAVAILABLE = 5,

                /** OUTCOME_TIMED_OUT value */
                OUTCOME_TIMED_OUT = 6,

                /** OUTCOME_CANCELLED value */
                OUTCOME_CANCELLED = 7,

                /** OUTCOME_INDETERMINATE value */
                OUTCOME_INDETERMINATE = 8
            }

            /**
             * Properties of a ToolCallCancel.
             * @deprecated Use toolfleet.toolcall.v1.ToolCallCancel.$Properties instead.
             */
            interface IToolCallCancel extends toolfleet.toolcall.v1.ToolCallCancel.$Properties {
            }

            /** Represents a ToolCallCancel. */
            class ToolCallCancel {

                /** Reflection-backed declarations are not constructable. Use ToolCallCancel.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ToolCallCancel tenant. */
                tenant: string;

                /** ToolCallCancel sessionId. */
                sessionId: string;

                /** ToolCallCancel callIds. */
                callIds: string[];

                /** ToolCallCancel reason. */
                reason: string;

                /**
                 * Creates a new ToolCallCancel instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ToolCallCancel instance
                 */
                static create(properties: toolfleet.toolcall.v1.ToolCallCancel.$Shape): toolfleet.toolcall.v1.ToolCallCancel & toolfleet.toolcall.v1.ToolCallCancel.$Shape;
                static create(properties?: toolfleet.toolcall.v1.ToolCallCancel.$Properties): toolfleet.toolcall.v1.ToolCallCancel;

                /**
                 * Encodes the specified ToolCallCancel message. Does not implicitly {@link toolfleet.toolcall.v1.ToolCallCancel.verify|verify} messages.
                 * @param message ToolCallCancel message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.toolcall.v1.ToolCallCancel.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified ToolCallCancel message, length delimited. Does not implicitly {@link toolfleet.toolcall.v1.ToolCallCancel.verify|verify} messages.
                 * @param message ToolCallCancel message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.toolcall.v1.ToolCallCancel.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ToolCallCancel message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.toolcall.v1.ToolCallCancel & toolfleet.toolcall.v1.ToolCallCancel.$Shape} ToolCallCancel
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.toolcall.v1.ToolCallCancel & toolfleet.toolcall.v1.ToolCallCancel.$Shape;

                /**
                 * Decodes a ToolCallCancel message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.toolcall.v1.ToolCallCancel & toolfleet.toolcall.v1.ToolCallCancel.$Shape} ToolCallCancel
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.toolcall.v1.ToolCallCancel & toolfleet.toolcall.v1.ToolCallCancel.$Shape;

                /**
                 * Verifies a ToolCallCancel message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a ToolCallCancel message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns ToolCallCancel
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.toolcall.v1.ToolCallCancel;

                /**
                 * Creates a plain object from a ToolCallCancel message. Also converts values to other types if specified.
                 * @param message ToolCallCancel
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.toolcall.v1.ToolCallCancel, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this ToolCallCancel to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for ToolCallCancel
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace ToolCallCancel {

                /** Properties of a ToolCallCancel. */
                interface $Properties {

                    /** ToolCallCancel tenant */
                    tenant?: (string|null);

                    /** ToolCallCancel sessionId */
                    sessionId?: (string|null);

                    /** ToolCallCancel callIds */
                    callIds?: (string[]|null);

                    /** ToolCallCancel reason */
                    reason?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ToolCallCancel. */
                type $Shape = toolfleet.toolcall.v1.ToolCallCancel.$Properties;
            }

            /**
             * Properties of a ToolCallFind.
             * @deprecated Use toolfleet.toolcall.v1.ToolCallFind.$Properties instead.
             */
            interface IToolCallFind extends toolfleet.toolcall.v1.ToolCallFind.$Properties {
            }

            /** Represents a ToolCallFind. */
            class ToolCallFind {

                /** Reflection-backed declarations are not constructable. Use ToolCallFind.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ToolCallFind tenant. */
                tenant: string;

                /** ToolCallFind sessionId. */
                sessionId: string;

                /** ToolCallFind callId. */
                callId: string;

                /** ToolCallFind agent. */
                agent: string;

                /** ToolCallFind query. */
                query: string;

                /** ToolCallFind limit. */
                limit: number;

                /** ToolCallFind offered. */
                offered: string[];

                /**
                 * Creates a new ToolCallFind instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ToolCallFind instance
                 */
                static create(properties: toolfleet.toolcall.v1.ToolCallFind.$Shape): toolfleet.toolcall.v1.ToolCallFind & toolfleet.toolcall.v1.ToolCallFind.$Shape;
                static create(properties?: toolfleet.toolcall.v1.ToolCallFind.$Properties): toolfleet.toolcall.v1.ToolCallFind;

                /**
                 * Encodes the specified ToolCallFind message. Does not implicitly {@link toolfleet.toolcall.v1.ToolCallFind.verify|verify} messages.
                 * @param message ToolCallFind message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.toolcall.v1.ToolCallFind.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified ToolCallFind message, length delimited. Does not implicitly {@link toolfleet.toolcall.v1.ToolCallFind.verify|verify} messages.
                 * @param message ToolCallFind message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.toolcall.v1.ToolCallFind.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ToolCallFind message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.toolcall.v1.ToolCallFind & toolfleet.toolcall.v1.ToolCallFind.$Shape} ToolCallFind
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.toolcall.v1.ToolCallFind & toolfleet.toolcall.v1.ToolCallFind.$Shape;

                /**
                 * Decodes a ToolCallFind message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.toolcall.v1.ToolCallFind & toolfleet.toolcall.v1.ToolCallFind.$Shape} ToolCallFind
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.toolcall.v1.ToolCallFind & toolfleet.toolcall.v1.ToolCallFind.$Shape;

                /**
                 * Verifies a ToolCallFind message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a ToolCallFind message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns ToolCallFind
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.toolcall.v1.ToolCallFind;

                /**
                 * Creates a plain object from a ToolCallFind message. Also converts values to other types if specified.
                 * @param message ToolCallFind
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.toolcall.v1.ToolCallFind, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this ToolCallFind to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for ToolCallFind
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace ToolCallFind {

                /** Properties of a ToolCallFind. */
                interface $Properties {

                    /** ToolCallFind tenant */
                    tenant?: (string|null);

                    /** ToolCallFind sessionId */
                    sessionId?: (string|null);

                    /** ToolCallFind callId */
                    callId?: (string|null);

                    /** ToolCallFind agent */
                    agent?: (string|null);

                    /** ToolCallFind query */
                    query?: (string|null);

                    /** ToolCallFind limit */
                    limit?: (number|null);

                    /** ToolCallFind offered */
                    offered?: (string[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ToolCallFind. */
                type $Shape = toolfleet.toolcall.v1.ToolCallFind.$Properties;
            }
        }
    }

    /** Namespace session. */
    namespace session {

        /** Namespace v1. */
        namespace v1 {

            /**
             * Properties of a SessionRequest.
             * @deprecated Use toolfleet.session.v1.SessionRequest.$Properties instead.
             */
            interface ISessionRequest extends toolfleet.session.v1.SessionRequest.$Properties {
            }

            /** Represents a SessionRequest. */
            class SessionRequest {

                /** Reflection-backed declarations are not constructable. Use SessionRequest.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** SessionRequest tenant. */
                tenant: string;

                /** SessionRequest user. */
                user: string;

                /** SessionRequest requestId. */
                requestId: string;

                /** SessionRequest agent. */
                agent: string;

                /** SessionRequest input. */
                input: string;

                /** SessionRequest roles. */
                roles: string[];

                /** SessionRequest labels. */
                labels: { [k: string]: string };

                /** SessionRequest deadlineAtMs. */
                deadlineAtMs?: (number|Long|null);

                /**
                 * Creates a new SessionRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns SessionRequest instance
                 */
                static create(properties: toolfleet.session.v1.SessionRequest.$Shape): toolfleet.session.v1.SessionRequest & toolfleet.session.v1.SessionRequest.$Shape;
                static create(properties?: toolfleet.session.v1.SessionRequest.$Properties): toolfleet.session.v1.SessionRequest;

                /**
                 * Encodes the specified SessionRequest message. Does not implicitly {@link toolfleet.session.v1.SessionRequest.verify|verify} messages.
                 * @param message SessionRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.SessionRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified SessionRequest message, length delimited. Does not implicitly {@link toolfleet.session.v1.SessionRequest.verify|verify} messages.
                 * @param message SessionRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.SessionRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a SessionRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.SessionRequest & toolfleet.session.v1.SessionRequest.$Shape} SessionRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.SessionRequest & toolfleet.session.v1.SessionRequest.$Shape;

                /**
                 * Decodes a SessionRequest message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.SessionRequest & toolfleet.session.v1.SessionRequest.$Shape} SessionRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.SessionRequest & toolfleet.session.v1.SessionRequest.$Shape;

                /**
                 * Verifies a SessionRequest message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a SessionRequest message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns SessionRequest
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.SessionRequest;

                /**
                 * Creates a plain object from a SessionRequest message. Also converts values to other types if specified.
                 * @param message SessionRequest
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.SessionRequest, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this SessionRequest to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for SessionRequest
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace SessionRequest {

                /** Properties of a SessionRequest. */
                interface $Properties {

                    /** SessionRequest tenant */
                    tenant?: (string|null);

                    /** SessionRequest user */
                    user?: (string|null);

                    /** SessionRequest requestId */
                    requestId?: (string|null);

                    /** SessionRequest agent */
                    agent?: (string|null);

                    /** SessionRequest input */
                    input?: (string|null);

                    /** SessionRequest roles */
                    roles?: (string[]|null);

                    /** SessionRequest labels */
                    labels?: ({ [k: string]: string }|null);

                    /** SessionRequest deadlineAtMs */
                    deadlineAtMs?: (number|Long|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a SessionRequest. */
                type $Shape = toolfleet.session.v1.SessionRequest.$Properties;
            }

            /**
             * Properties of a SessionAdmission.
             * @deprecated Use toolfleet.session.v1.SessionAdmission.$Properties instead.
             */
            interface ISessionAdmission extends toolfleet.session.v1.SessionAdmission.$Properties {
            }

            /** Represents a SessionAdmission. */
            class SessionAdmission {

                /** Reflection-backed declarations are not constructable. Use SessionAdmission.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** SessionAdmission sessionId. */
                sessionId: string;

                /** SessionAdmission tenant. */
                tenant: string;

                /** SessionAdmission requested. */
                requested?: (toolfleet.session.v1.SessionRequest.$Properties|null);

                /** SessionAdmission released. */
                released?: (toolfleet.session.v1.SessionReleased.$Properties|null);

                /** SessionAdmission body. */
                body?: ("requested"|"released");

                /**
                 * Creates a new SessionAdmission instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns SessionAdmission instance
                 */
                static create(properties: toolfleet.session.v1.SessionAdmission.$Shape): toolfleet.session.v1.SessionAdmission & toolfleet.session.v1.SessionAdmission.$Shape;
                static create(properties?: toolfleet.session.v1.SessionAdmission.$Properties): toolfleet.session.v1.SessionAdmission;

                /**
                 * Encodes the specified SessionAdmission message. Does not implicitly {@link toolfleet.session.v1.SessionAdmission.verify|verify} messages.
                 * @param message SessionAdmission message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.SessionAdmission.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified SessionAdmission message, length delimited. Does not implicitly {@link toolfleet.session.v1.SessionAdmission.verify|verify} messages.
                 * @param message SessionAdmission message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.SessionAdmission.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a SessionAdmission message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.SessionAdmission & toolfleet.session.v1.SessionAdmission.$Shape} SessionAdmission
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.SessionAdmission & toolfleet.session.v1.SessionAdmission.$Shape;

                /**
                 * Decodes a SessionAdmission message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.SessionAdmission & toolfleet.session.v1.SessionAdmission.$Shape} SessionAdmission
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.SessionAdmission & toolfleet.session.v1.SessionAdmission.$Shape;

                /**
                 * Verifies a SessionAdmission message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a SessionAdmission message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns SessionAdmission
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.SessionAdmission;

                /**
                 * Creates a plain object from a SessionAdmission message. Also converts values to other types if specified.
                 * @param message SessionAdmission
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.SessionAdmission, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this SessionAdmission to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for SessionAdmission
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace SessionAdmission {

                /** Properties of a SessionAdmission. */
                interface $Properties {

                    /** SessionAdmission sessionId */
                    sessionId?: (string|null);

                    /** SessionAdmission tenant */
                    tenant?: (string|null);

                    /** SessionAdmission requested */
                    requested?: (toolfleet.session.v1.SessionRequest.$Properties|null);

                    /** SessionAdmission released */
                    released?: (toolfleet.session.v1.SessionReleased.$Properties|null);

                    /** SessionAdmission body */
                    body?: ("requested"|"released");

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Narrowed shape of a SessionAdmission. */
                type $Shape = {
                  sessionId?: string|null;
                  tenant?: string|null;
                  requested?: toolfleet.session.v1.SessionRequest.$Shape|null;
                  released?: toolfleet.session.v1.SessionReleased.$Shape|null;
                  $unknowns?: Uint8Array[];
                } & (
                  ({ body?: undefined; requested?: null; released?: null }|{ body?: "requested"; requested: toolfleet.session.v1.SessionRequest.$Shape; released?: null }|{ body?: "released"; requested?: null; released: toolfleet.session.v1.SessionReleased.$Shape })
                );
            }

            /**
             * Properties of a SessionReleased.
             * @deprecated Use toolfleet.session.v1.SessionReleased.$Properties instead.
             */
            interface ISessionReleased extends toolfleet.session.v1.SessionReleased.$Properties {
            }

            /** Represents a SessionReleased. */
            class SessionReleased {

                /** Reflection-backed declarations are not constructable. Use SessionReleased.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /**
                 * Creates a new SessionReleased instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns SessionReleased instance
                 */
                static create(properties: toolfleet.session.v1.SessionReleased.$Shape): toolfleet.session.v1.SessionReleased & toolfleet.session.v1.SessionReleased.$Shape;
                static create(properties?: toolfleet.session.v1.SessionReleased.$Properties): toolfleet.session.v1.SessionReleased;

                /**
                 * Encodes the specified SessionReleased message. Does not implicitly {@link toolfleet.session.v1.SessionReleased.verify|verify} messages.
                 * @param message SessionReleased message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.SessionReleased.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified SessionReleased message, length delimited. Does not implicitly {@link toolfleet.session.v1.SessionReleased.verify|verify} messages.
                 * @param message SessionReleased message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.SessionReleased.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a SessionReleased message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.SessionReleased & toolfleet.session.v1.SessionReleased.$Shape} SessionReleased
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.SessionReleased & toolfleet.session.v1.SessionReleased.$Shape;

                /**
                 * Decodes a SessionReleased message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.SessionReleased & toolfleet.session.v1.SessionReleased.$Shape} SessionReleased
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.SessionReleased & toolfleet.session.v1.SessionReleased.$Shape;

                /**
                 * Verifies a SessionReleased message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a SessionReleased message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns SessionReleased
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.SessionReleased;

                /**
                 * Creates a plain object from a SessionReleased message. Also converts values to other types if specified.
                 * @param message SessionReleased
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.SessionReleased, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this SessionReleased to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for SessionReleased
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace SessionReleased {

                /** Properties of a SessionReleased. */
                interface $Properties {

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a SessionReleased. */
                type $Shape = toolfleet.session.v1.SessionReleased.$Properties;
            }

            /**
             * Properties of a SessionRouting.
             * @deprecated Use toolfleet.session.v1.SessionRouting.$Properties instead.
             */
            interface ISessionRouting extends toolfleet.session.v1.SessionRouting.$Properties {
            }

            /** Represents a SessionRouting. */
            class SessionRouting {

                /** Reflection-backed declarations are not constructable. Use SessionRouting.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** SessionRouting sessionId. */
                sessionId: string;

                /** SessionRouting request. */
                request?: (toolfleet.session.v1.SessionRequest.$Properties|null);

                /** SessionRouting admittedAtMs. */
                admittedAtMs: (number|Long);

                /**
                 * Creates a new SessionRouting instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns SessionRouting instance
                 */
                static create(properties: toolfleet.session.v1.SessionRouting.$Shape): toolfleet.session.v1.SessionRouting & toolfleet.session.v1.SessionRouting.$Shape;
                static create(properties?: toolfleet.session.v1.SessionRouting.$Properties): toolfleet.session.v1.SessionRouting;

                /**
                 * Encodes the specified SessionRouting message. Does not implicitly {@link toolfleet.session.v1.SessionRouting.verify|verify} messages.
                 * @param message SessionRouting message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.SessionRouting.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified SessionRouting message, length delimited. Does not implicitly {@link toolfleet.session.v1.SessionRouting.verify|verify} messages.
                 * @param message SessionRouting message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.SessionRouting.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a SessionRouting message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.SessionRouting & toolfleet.session.v1.SessionRouting.$Shape} SessionRouting
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.SessionRouting & toolfleet.session.v1.SessionRouting.$Shape;

                /**
                 * Decodes a SessionRouting message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.SessionRouting & toolfleet.session.v1.SessionRouting.$Shape} SessionRouting
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.SessionRouting & toolfleet.session.v1.SessionRouting.$Shape;

                /**
                 * Verifies a SessionRouting message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a SessionRouting message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns SessionRouting
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.SessionRouting;

                /**
                 * Creates a plain object from a SessionRouting message. Also converts values to other types if specified.
                 * @param message SessionRouting
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.SessionRouting, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this SessionRouting to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for SessionRouting
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace SessionRouting {

                /** Properties of a SessionRouting. */
                interface $Properties {

                    /** SessionRouting sessionId */
                    sessionId?: (string|null);

                    /** SessionRouting request */
                    request?: (toolfleet.session.v1.SessionRequest.$Properties|null);

                    /** SessionRouting admittedAtMs */
                    admittedAtMs?: (number|Long|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a SessionRouting. */
                type $Shape = toolfleet.session.v1.SessionRouting.$Properties;
            }

            /**
             * Properties of a SessionInbox.
             * @deprecated Use toolfleet.session.v1.SessionInbox.$Properties instead.
             */
            interface ISessionInbox extends toolfleet.session.v1.SessionInbox.$Properties {
            }

            /** Represents a SessionInbox. */
            class SessionInbox {

                /** Reflection-backed declarations are not constructable. Use SessionInbox.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** SessionInbox tenant. */
                tenant: string;

                /** SessionInbox sessionId. */
                sessionId: string;

                /** SessionInbox start. */
                start?: (toolfleet.session.v1.SessionStart.$Properties|null);

                /** SessionInbox observation. */
                observation?: (toolfleet.toolcall.v1.Observation.$Properties|null);

                /** SessionInbox approvalDecided. */
                approvalDecided?: (toolfleet.session.v1.ApprovalDecided.$Properties|null);

                /** SessionInbox toolsFound. */
                toolsFound?: (toolfleet.session.v1.ToolsFound.$Properties|null);

                /** SessionInbox userMessage. */
                userMessage?: (toolfleet.session.v1.UserMessage.$Properties|null);

                /** SessionInbox cancel. */
                cancel?: (toolfleet.session.v1.SessionCancel.$Properties|null);

                /** SessionInbox body. */
                body?: ("start"|"observation"|"approvalDecided"|"toolsFound"|"userMessage"|"cancel");

                /**
                 * Creates a new SessionInbox instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns SessionInbox instance
                 */
                static create(properties: toolfleet.session.v1.SessionInbox.$Shape): toolfleet.session.v1.SessionInbox & toolfleet.session.v1.SessionInbox.$Shape;
                static create(properties?: toolfleet.session.v1.SessionInbox.$Properties): toolfleet.session.v1.SessionInbox;

                /**
                 * Encodes the specified SessionInbox message. Does not implicitly {@link toolfleet.session.v1.SessionInbox.verify|verify} messages.
                 * @param message SessionInbox message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.SessionInbox.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified SessionInbox message, length delimited. Does not implicitly {@link toolfleet.session.v1.SessionInbox.verify|verify} messages.
                 * @param message SessionInbox message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.SessionInbox.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a SessionInbox message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.SessionInbox & toolfleet.session.v1.SessionInbox.$Shape} SessionInbox
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.SessionInbox & toolfleet.session.v1.SessionInbox.$Shape;

                /**
                 * Decodes a SessionInbox message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.SessionInbox & toolfleet.session.v1.SessionInbox.$Shape} SessionInbox
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.SessionInbox & toolfleet.session.v1.SessionInbox.$Shape;

                /**
                 * Verifies a SessionInbox message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a SessionInbox message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns SessionInbox
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.SessionInbox;

                /**
                 * Creates a plain object from a SessionInbox message. Also converts values to other types if specified.
                 * @param message SessionInbox
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.SessionInbox, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this SessionInbox to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for SessionInbox
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace SessionInbox {

                /** Properties of a SessionInbox. */
                interface $Properties {

                    /** SessionInbox tenant */
                    tenant?: (string|null);

                    /** SessionInbox sessionId */
                    sessionId?: (string|null);

                    /** SessionInbox start */
                    start?: (toolfleet.session.v1.SessionStart.$Properties|null);

                    /** SessionInbox observation */
                    observation?: (toolfleet.toolcall.v1.Observation.$Properties|null);

                    /** SessionInbox approvalDecided */
                    approvalDecided?: (toolfleet.session.v1.ApprovalDecided.$Properties|null);

                    /** SessionInbox toolsFound */
                    toolsFound?: (toolfleet.session.v1.ToolsFound.$Properties|null);

                    /** SessionInbox userMessage */
                    userMessage?: (toolfleet.session.v1.UserMessage.$Properties|null);

                    /** SessionInbox cancel */
                    cancel?: (toolfleet.session.v1.SessionCancel.$Properties|null);

                    /** SessionInbox body */
                    body?: ("start"|"observation"|"approvalDecided"|"toolsFound"|"userMessage"|"cancel");

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Narrowed shape of a SessionInbox. */
                type $Shape = {
                  tenant?: string|null;
                  sessionId?: string|null;
                  start?: toolfleet.session.v1.SessionStart.$Shape|null;
                  observation?: toolfleet.toolcall.v1.Observation.$Shape|null;
                  approvalDecided?: toolfleet.session.v1.ApprovalDecided.$Shape|null;
                  toolsFound?: toolfleet.session.v1.ToolsFound.$Shape|null;
                  userMessage?: toolfleet.session.v1.UserMessage.$Shape|null;
                  cancel?: toolfleet.session.v1.SessionCancel.$Shape|null;
                  $unknowns?: Uint8Array[];
                } & (
                  ({ body?: undefined; start?: null; observation?: null; approvalDecided?: null; toolsFound?: null; userMessage?: null; cancel?: null }|{ body?: "start"; start: toolfleet.session.v1.SessionStart.$Shape; observation?: null; approvalDecided?: null; toolsFound?: null; userMessage?: null; cancel?: null }|{ body?: "observation"; start?: null; observation: toolfleet.toolcall.v1.Observation.$Shape; approvalDecided?: null; toolsFound?: null; userMessage?: null; cancel?: null }|{ body?: "approvalDecided"; start?: null; observation?: null; approvalDecided: toolfleet.session.v1.ApprovalDecided.$Shape; toolsFound?: null; userMessage?: null; cancel?: null }|{ body?: "toolsFound"; start?: null; observation?: null; approvalDecided?: null; toolsFound: toolfleet.session.v1.ToolsFound.$Shape; userMessage?: null; cancel?: null }|{ body?: "userMessage"; start?: null; observation?: null; approvalDecided?: null; toolsFound?: null; userMessage: toolfleet.session.v1.UserMessage.$Shape; cancel?: null }|{ body?: "cancel"; start?: null; observation?: null; approvalDecided?: null; toolsFound?: null; userMessage?: null; cancel: toolfleet.session.v1.SessionCancel.$Shape })
                );
            }

            /**
             * Properties of a SessionStart.
             * @deprecated Use toolfleet.session.v1.SessionStart.$Properties instead.
             */
            interface ISessionStart extends toolfleet.session.v1.SessionStart.$Properties {
            }

            /** Represents a SessionStart. */
            class SessionStart {

                /** Reflection-backed declarations are not constructable. Use SessionStart.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** SessionStart request. */
                request?: (toolfleet.session.v1.SessionRequest.$Properties|null);

                /** SessionStart tools. */
                tools: string[];

                /** SessionStart limits. */
                limits?: (toolfleet.session.v1.SessionLimits.$Properties|null);

                /** SessionStart modelRoute. */
                modelRoute: string;

                /** SessionStart admittedAtMs. */
                admittedAtMs: (number|Long);

                /**
                 * Creates a new SessionStart instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns SessionStart instance
                 */
                static create(properties: toolfleet.session.v1.SessionStart.$Shape): toolfleet.session.v1.SessionStart & toolfleet.session.v1.SessionStart.$Shape;
                static create(properties?: toolfleet.session.v1.SessionStart.$Properties): toolfleet.session.v1.SessionStart;

                /**
                 * Encodes the specified SessionStart message. Does not implicitly {@link toolfleet.session.v1.SessionStart.verify|verify} messages.
                 * @param message SessionStart message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.SessionStart.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified SessionStart message, length delimited. Does not implicitly {@link toolfleet.session.v1.SessionStart.verify|verify} messages.
                 * @param message SessionStart message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.SessionStart.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a SessionStart message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.SessionStart & toolfleet.session.v1.SessionStart.$Shape} SessionStart
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.SessionStart & toolfleet.session.v1.SessionStart.$Shape;

                /**
                 * Decodes a SessionStart message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.SessionStart & toolfleet.session.v1.SessionStart.$Shape} SessionStart
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.SessionStart & toolfleet.session.v1.SessionStart.$Shape;

                /**
                 * Verifies a SessionStart message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a SessionStart message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns SessionStart
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.SessionStart;

                /**
                 * Creates a plain object from a SessionStart message. Also converts values to other types if specified.
                 * @param message SessionStart
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.SessionStart, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this SessionStart to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for SessionStart
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace SessionStart {

                /** Properties of a SessionStart. */
                interface $Properties {

                    /** SessionStart request */
                    request?: (toolfleet.session.v1.SessionRequest.$Properties|null);

                    /** SessionStart tools */
                    tools?: (string[]|null);

                    /** SessionStart limits */
                    limits?: (toolfleet.session.v1.SessionLimits.$Properties|null);

                    /** SessionStart modelRoute */
                    modelRoute?: (string|null);

                    /** SessionStart admittedAtMs */
                    admittedAtMs?: (number|Long|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a SessionStart. */
                type $Shape = toolfleet.session.v1.SessionStart.$Properties;
            }

            /**
             * Properties of a SessionLimits.
             * @deprecated Use toolfleet.session.v1.SessionLimits.$Properties instead.
             */
            interface ISessionLimits extends toolfleet.session.v1.SessionLimits.$Properties {
            }

            /** Represents a SessionLimits. */
            class SessionLimits {

                /** Reflection-backed declarations are not constructable. Use SessionLimits.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** SessionLimits stepsMax. */
                stepsMax: number;

                /** SessionLimits wallTimeMs. */
                wallTimeMs: (number|Long);

                /** SessionLimits tokensMax. */
                tokensMax: (number|Long);

                /** SessionLimits escalate. */
                escalate: boolean;

                /**
                 * Creates a new SessionLimits instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns SessionLimits instance
                 */
                static create(properties: toolfleet.session.v1.SessionLimits.$Shape): toolfleet.session.v1.SessionLimits & toolfleet.session.v1.SessionLimits.$Shape;
                static create(properties?: toolfleet.session.v1.SessionLimits.$Properties): toolfleet.session.v1.SessionLimits;

                /**
                 * Encodes the specified SessionLimits message. Does not implicitly {@link toolfleet.session.v1.SessionLimits.verify|verify} messages.
                 * @param message SessionLimits message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.SessionLimits.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified SessionLimits message, length delimited. Does not implicitly {@link toolfleet.session.v1.SessionLimits.verify|verify} messages.
                 * @param message SessionLimits message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.SessionLimits.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a SessionLimits message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.SessionLimits & toolfleet.session.v1.SessionLimits.$Shape} SessionLimits
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.SessionLimits & toolfleet.session.v1.SessionLimits.$Shape;

                /**
                 * Decodes a SessionLimits message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.SessionLimits & toolfleet.session.v1.SessionLimits.$Shape} SessionLimits
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.SessionLimits & toolfleet.session.v1.SessionLimits.$Shape;

                /**
                 * Verifies a SessionLimits message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a SessionLimits message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns SessionLimits
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.SessionLimits;

                /**
                 * Creates a plain object from a SessionLimits message. Also converts values to other types if specified.
                 * @param message SessionLimits
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.SessionLimits, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this SessionLimits to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for SessionLimits
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace SessionLimits {

                /** Properties of a SessionLimits. */
                interface $Properties {

                    /** SessionLimits stepsMax */
                    stepsMax?: (number|null);

                    /** SessionLimits wallTimeMs */
                    wallTimeMs?: (number|Long|null);

                    /** SessionLimits tokensMax */
                    tokensMax?: (number|Long|null);

                    /** SessionLimits escalate */
                    escalate?: (boolean|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a SessionLimits. */
                type $Shape = toolfleet.session.v1.SessionLimits.$Properties;
            }

            /**
             * Properties of an ApprovalDecided.
             * @deprecated Use toolfleet.session.v1.ApprovalDecided.$Properties instead.
             */
            interface IApprovalDecided extends toolfleet.session.v1.ApprovalDecided.$Properties {
            }

            /** Represents an ApprovalDecided. */
            class ApprovalDecided {

                /** Reflection-backed declarations are not constructable. Use ApprovalDecided.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ApprovalDecided callId. */
                callId: string;

                /** ApprovalDecided approved. */
                approved: boolean;

                /** ApprovalDecided decidedBy. */
                decidedBy: string;

                /** ApprovalDecided deadlineAtMs. */
                deadlineAtMs: (number|Long);

                /**
                 * Creates a new ApprovalDecided instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ApprovalDecided instance
                 */
                static create(properties: toolfleet.session.v1.ApprovalDecided.$Shape): toolfleet.session.v1.ApprovalDecided & toolfleet.session.v1.ApprovalDecided.$Shape;
                static create(properties?: toolfleet.session.v1.ApprovalDecided.$Properties): toolfleet.session.v1.ApprovalDecided;

                /**
                 * Encodes the specified ApprovalDecided message. Does not implicitly {@link toolfleet.session.v1.ApprovalDecided.verify|verify} messages.
                 * @param message ApprovalDecided message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.ApprovalDecided.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified ApprovalDecided message, length delimited. Does not implicitly {@link toolfleet.session.v1.ApprovalDecided.verify|verify} messages.
                 * @param message ApprovalDecided message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.ApprovalDecided.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an ApprovalDecided message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.ApprovalDecided & toolfleet.session.v1.ApprovalDecided.$Shape} ApprovalDecided
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.ApprovalDecided & toolfleet.session.v1.ApprovalDecided.$Shape;

                /**
                 * Decodes an ApprovalDecided message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.ApprovalDecided & toolfleet.session.v1.ApprovalDecided.$Shape} ApprovalDecided
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.ApprovalDecided & toolfleet.session.v1.ApprovalDecided.$Shape;

                /**
                 * Verifies an ApprovalDecided message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates an ApprovalDecided message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns ApprovalDecided
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.ApprovalDecided;

                /**
                 * Creates a plain object from an ApprovalDecided message. Also converts values to other types if specified.
                 * @param message ApprovalDecided
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.ApprovalDecided, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this ApprovalDecided to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for ApprovalDecided
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace ApprovalDecided {

                /** Properties of an ApprovalDecided. */
                interface $Properties {

                    /** ApprovalDecided callId */
                    callId?: (string|null);

                    /** ApprovalDecided approved */
                    approved?: (boolean|null);

                    /** ApprovalDecided decidedBy */
                    decidedBy?: (string|null);

                    /** ApprovalDecided deadlineAtMs */
                    deadlineAtMs?: (number|Long|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an ApprovalDecided. */
                type $Shape = toolfleet.session.v1.ApprovalDecided.$Properties;
            }

            /**
             * Properties of a ToolsFound.
             * @deprecated Use toolfleet.session.v1.ToolsFound.$Properties instead.
             */
            interface IToolsFound extends toolfleet.session.v1.ToolsFound.$Properties {
            }

            /** Represents a ToolsFound. */
            class ToolsFound {

                /** Reflection-backed declarations are not constructable. Use ToolsFound.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ToolsFound callId. */
                callId: string;

                /** ToolsFound tools. */
                tools: string[];

                /**
                 * Creates a new ToolsFound instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ToolsFound instance
                 */
                static create(properties: toolfleet.session.v1.ToolsFound.$Shape): toolfleet.session.v1.ToolsFound & toolfleet.session.v1.ToolsFound.$Shape;
                static create(properties?: toolfleet.session.v1.ToolsFound.$Properties): toolfleet.session.v1.ToolsFound;

                /**
                 * Encodes the specified ToolsFound message. Does not implicitly {@link toolfleet.session.v1.ToolsFound.verify|verify} messages.
                 * @param message ToolsFound message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.ToolsFound.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified ToolsFound message, length delimited. Does not implicitly {@link toolfleet.session.v1.ToolsFound.verify|verify} messages.
                 * @param message ToolsFound message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.ToolsFound.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ToolsFound message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.ToolsFound & toolfleet.session.v1.ToolsFound.$Shape} ToolsFound
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.ToolsFound & toolfleet.session.v1.ToolsFound.$Shape;

                /**
                 * Decodes a ToolsFound message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.ToolsFound & toolfleet.session.v1.ToolsFound.$Shape} ToolsFound
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.ToolsFound & toolfleet.session.v1.ToolsFound.$Shape;

                /**
                 * Verifies a ToolsFound message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a ToolsFound message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns ToolsFound
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.ToolsFound;

                /**
                 * Creates a plain object from a ToolsFound message. Also converts values to other types if specified.
                 * @param message ToolsFound
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.ToolsFound, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this ToolsFound to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for ToolsFound
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace ToolsFound {

                /** Properties of a ToolsFound. */
                interface $Properties {

                    /** ToolsFound callId */
                    callId?: (string|null);

                    /** ToolsFound tools */
                    tools?: (string[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ToolsFound. */
                type $Shape = toolfleet.session.v1.ToolsFound.$Properties;
            }

            /**
             * Properties of a UserMessage.
             * @deprecated Use toolfleet.session.v1.UserMessage.$Properties instead.
             */
            interface IUserMessage extends toolfleet.session.v1.UserMessage.$Properties {
            }

            /** Represents a UserMessage. */
            class UserMessage {

                /** Reflection-backed declarations are not constructable. Use UserMessage.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** UserMessage messageId. */
                messageId: string;

                /** UserMessage text. */
                text: string;

                /**
                 * Creates a new UserMessage instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns UserMessage instance
                 */
                static create(properties: toolfleet.session.v1.UserMessage.$Shape): toolfleet.session.v1.UserMessage & toolfleet.session.v1.UserMessage.$Shape;
                static create(properties?: toolfleet.session.v1.UserMessage.$Properties): toolfleet.session.v1.UserMessage;

                /**
                 * Encodes the specified UserMessage message. Does not implicitly {@link toolfleet.session.v1.UserMessage.verify|verify} messages.
                 * @param message UserMessage message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.UserMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified UserMessage message, length delimited. Does not implicitly {@link toolfleet.session.v1.UserMessage.verify|verify} messages.
                 * @param message UserMessage message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.UserMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a UserMessage message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.UserMessage & toolfleet.session.v1.UserMessage.$Shape} UserMessage
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.UserMessage & toolfleet.session.v1.UserMessage.$Shape;

                /**
                 * Decodes a UserMessage message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.UserMessage & toolfleet.session.v1.UserMessage.$Shape} UserMessage
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.UserMessage & toolfleet.session.v1.UserMessage.$Shape;

                /**
                 * Verifies a UserMessage message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a UserMessage message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns UserMessage
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.UserMessage;

                /**
                 * Creates a plain object from a UserMessage message. Also converts values to other types if specified.
                 * @param message UserMessage
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.UserMessage, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this UserMessage to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for UserMessage
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace UserMessage {

                /** Properties of a UserMessage. */
                interface $Properties {

                    /** UserMessage messageId */
                    messageId?: (string|null);

                    /** UserMessage text */
                    text?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a UserMessage. */
                type $Shape = toolfleet.session.v1.UserMessage.$Properties;
            }

            /**
             * Properties of a SessionCancel.
             * @deprecated Use toolfleet.session.v1.SessionCancel.$Properties instead.
             */
            interface ISessionCancel extends toolfleet.session.v1.SessionCancel.$Properties {
            }

            /** Represents a SessionCancel. */
            class SessionCancel {

                /** Reflection-backed declarations are not constructable. Use SessionCancel.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** SessionCancel reason. */
                reason: string;

                /** SessionCancel requestedBy. */
                requestedBy: string;

                /**
                 * Creates a new SessionCancel instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns SessionCancel instance
                 */
                static create(properties: toolfleet.session.v1.SessionCancel.$Shape): toolfleet.session.v1.SessionCancel & toolfleet.session.v1.SessionCancel.$Shape;
                static create(properties?: toolfleet.session.v1.SessionCancel.$Properties): toolfleet.session.v1.SessionCancel;

                /**
                 * Encodes the specified SessionCancel message. Does not implicitly {@link toolfleet.session.v1.SessionCancel.verify|verify} messages.
                 * @param message SessionCancel message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.SessionCancel.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified SessionCancel message, length delimited. Does not implicitly {@link toolfleet.session.v1.SessionCancel.verify|verify} messages.
                 * @param message SessionCancel message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.SessionCancel.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a SessionCancel message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.SessionCancel & toolfleet.session.v1.SessionCancel.$Shape} SessionCancel
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.SessionCancel & toolfleet.session.v1.SessionCancel.$Shape;

                /**
                 * Decodes a SessionCancel message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.SessionCancel & toolfleet.session.v1.SessionCancel.$Shape} SessionCancel
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.SessionCancel & toolfleet.session.v1.SessionCancel.$Shape;

                /**
                 * Verifies a SessionCancel message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a SessionCancel message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns SessionCancel
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.SessionCancel;

                /**
                 * Creates a plain object from a SessionCancel message. Also converts values to other types if specified.
                 * @param message SessionCancel
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.SessionCancel, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this SessionCancel to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for SessionCancel
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace SessionCancel {

                /** Properties of a SessionCancel. */
                interface $Properties {

                    /** SessionCancel reason */
                    reason?: (string|null);

                    /** SessionCancel requestedBy */
                    requestedBy?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a SessionCancel. */
                type $Shape = toolfleet.session.v1.SessionCancel.$Properties;
            }

            /** SessionStatus enum. */
            enum SessionStatus {

                /** SESSION_STATUS_UNSPECIFIED value */
                SESSION_STATUS_UNSPECIFIED = 0,

                /** SESSION_STATUS_WAITING value */
                SESSION_STATUS_WAITING = 1,

                /** SESSION_STATUS_ACTIVE value */
                SESSION_STATUS_ACTIVE = 2,

                /** SESSION_STATUS_COMPLETED value */
                SESSION_STATUS_COMPLETED = 3,

                /** SESSION_STATUS_GAVE_UP value */
                SESSION_STATUS_GAVE_UP = 4,

                /** SESSION_STATUS_ESCALATED value */
                SESSION_STATUS_ESCALATED = 5,

                /** SESSION_STATUS_FAILED value */
                SESSION_STATUS_FAILED = 6,

                /** SESSION_STATUS_CANCELLED value */
                SESSION_STATUS_CANCELLED = 7,

                /** SESSION_STATUS_REJECTED value */
                SESSION_STATUS_REJECTED = 8
            }

            /**
             * Properties of a Usage.
             * @deprecated Use toolfleet.session.v1.Usage.$Properties instead.
             */
            interface IUsage extends toolfleet.session.v1.Usage.$Properties {
            }

            /** Represents a Usage. */
            class Usage {

                /** Reflection-backed declarations are not constructable. Use Usage.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Usage inputTokens. */
                inputTokens: (number|Long);

                /** Usage outputTokens. */
                outputTokens: (number|Long);

                /**
                 * Creates a new Usage instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Usage instance
                 */
                static create(properties: toolfleet.session.v1.Usage.$Shape): toolfleet.session.v1.Usage & toolfleet.session.v1.Usage.$Shape;
                static create(properties?: toolfleet.session.v1.Usage.$Properties): toolfleet.session.v1.Usage;

                /**
                 * Encodes the specified Usage message. Does not implicitly {@link toolfleet.session.v1.Usage.verify|verify} messages.
                 * @param message Usage message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.Usage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified Usage message, length delimited. Does not implicitly {@link toolfleet.session.v1.Usage.verify|verify} messages.
                 * @param message Usage message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.Usage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Usage message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.Usage & toolfleet.session.v1.Usage.$Shape} Usage
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.Usage & toolfleet.session.v1.Usage.$Shape;

                /**
                 * Decodes a Usage message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.Usage & toolfleet.session.v1.Usage.$Shape} Usage
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.Usage & toolfleet.session.v1.Usage.$Shape;

                /**
                 * Verifies a Usage message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a Usage message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns Usage
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.Usage;

                /**
                 * Creates a plain object from a Usage message. Also converts values to other types if specified.
                 * @param message Usage
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.Usage, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this Usage to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for Usage
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace Usage {

                /** Properties of a Usage. */
                interface $Properties {

                    /** Usage inputTokens */
                    inputTokens?: (number|Long|null);

                    /** Usage outputTokens */
                    outputTokens?: (number|Long|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Usage. */
                type $Shape = toolfleet.session.v1.Usage.$Properties;
            }

            /**
             * Properties of a SessionEvent.
             * @deprecated Use toolfleet.session.v1.SessionEvent.$Properties instead.
             */
            interface ISessionEvent extends toolfleet.session.v1.SessionEvent.$Properties {
            }

            /** Represents a SessionEvent. */
            class SessionEvent {

                /** Reflection-backed declarations are not constructable. Use SessionEvent.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** SessionEvent seq. */
                seq: (number|Long);

                /** SessionEvent atMs. */
                atMs: (number|Long);

                /** SessionEvent started. */
                started?: (toolfleet.session.v1.SessionStarted.$Properties|null);

                /** SessionEvent modelAnswered. */
                modelAnswered?: (toolfleet.session.v1.ModelAnswered.$Properties|null);

                /** SessionEvent toolCallSettled. */
                toolCallSettled?: (toolfleet.session.v1.ToolCallSettled.$Properties|null);

                /** SessionEvent toolsOffered. */
                toolsOffered?: (toolfleet.session.v1.ToolsOffered.$Properties|null);

                /** SessionEvent userMessageReceived. */
                userMessageReceived?: (toolfleet.session.v1.UserMessage.$Properties|null);

                /** SessionEvent cancelRequested. */
                cancelRequested?: (toolfleet.session.v1.CancelRequested.$Properties|null);

                /** SessionEvent finished. */
                finished?: (toolfleet.session.v1.SessionFinished.$Properties|null);

                /** SessionEvent approvalDecided. */
                approvalDecided?: (toolfleet.session.v1.ApprovalDecided.$Properties|null);

                /** SessionEvent body. */
                body?: ("started"|"modelAnswered"|"toolCallSettled"|"toolsOffered"|"userMessageReceived"|"cancelRequested"|"finished"|"approvalDecided");

                /**
                 * Creates a new SessionEvent instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns SessionEvent instance
                 */
                static create(properties: toolfleet.session.v1.SessionEvent.$Shape): toolfleet.session.v1.SessionEvent & toolfleet.session.v1.SessionEvent.$Shape;
                static create(properties?: toolfleet.session.v1.SessionEvent.$Properties): toolfleet.session.v1.SessionEvent;

                /**
                 * Encodes the specified SessionEvent message. Does not implicitly {@link toolfleet.session.v1.SessionEvent.verify|verify} messages.
                 * @param message SessionEvent message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.SessionEvent.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified SessionEvent message, length delimited. Does not implicitly {@link toolfleet.session.v1.SessionEvent.verify|verify} messages.
                 * @param message SessionEvent message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.SessionEvent.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a SessionEvent message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.SessionEvent & toolfleet.session.v1.SessionEvent.$Shape} SessionEvent
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.SessionEvent & toolfleet.session.v1.SessionEvent.$Shape;

                /**
                 * Decodes a SessionEvent message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.SessionEvent & toolfleet.session.v1.SessionEvent.$Shape} SessionEvent
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.SessionEvent & toolfleet.session.v1.SessionEvent.$Shape;

                /**
                 * Verifies a SessionEvent message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a SessionEvent message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns SessionEvent
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.SessionEvent;

                /**
                 * Creates a plain object from a SessionEvent message. Also converts values to other types if specified.
                 * @param message SessionEvent
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.SessionEvent, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this SessionEvent to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for SessionEvent
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace SessionEvent {

                /** Properties of a SessionEvent. */
                interface $Properties {

                    /** SessionEvent seq */
                    seq?: (number|Long|null);

                    /** SessionEvent atMs */
                    atMs?: (number|Long|null);

                    /** SessionEvent started */
                    started?: (toolfleet.session.v1.SessionStarted.$Properties|null);

                    /** SessionEvent modelAnswered */
                    modelAnswered?: (toolfleet.session.v1.ModelAnswered.$Properties|null);

                    /** SessionEvent toolCallSettled */
                    toolCallSettled?: (toolfleet.session.v1.ToolCallSettled.$Properties|null);

                    /** SessionEvent toolsOffered */
                    toolsOffered?: (toolfleet.session.v1.ToolsOffered.$Properties|null);

                    /** SessionEvent userMessageReceived */
                    userMessageReceived?: (toolfleet.session.v1.UserMessage.$Properties|null);

                    /** SessionEvent cancelRequested */
                    cancelRequested?: (toolfleet.session.v1.CancelRequested.$Properties|null);

                    /** SessionEvent finished */
                    finished?: (toolfleet.session.v1.SessionFinished.$Properties|null);

                    /** SessionEvent approvalDecided */
                    approvalDecided?: (toolfleet.session.v1.ApprovalDecided.$Properties|null);

                    /** SessionEvent body */
                    body?: ("started"|"modelAnswered"|"toolCallSettled"|"toolsOffered"|"userMessageReceived"|"cancelRequested"|"finished"|"approvalDecided");

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Narrowed shape of a SessionEvent. */
                type $Shape = {
                  seq?: number|Long|null;
                  atMs?: number|Long|null;
                  started?: toolfleet.session.v1.SessionStarted.$Shape|null;
                  modelAnswered?: toolfleet.session.v1.ModelAnswered.$Shape|null;
                  toolCallSettled?: toolfleet.session.v1.ToolCallSettled.$Shape|null;
                  toolsOffered?: toolfleet.session.v1.ToolsOffered.$Shape|null;
                  userMessageReceived?: toolfleet.session.v1.UserMessage.$Shape|null;
                  cancelRequested?: toolfleet.session.v1.CancelRequested.$Shape|null;
                  finished?: toolfleet.session.v1.SessionFinished.$Shape|null;
                  approvalDecided?: toolfleet.session.v1.ApprovalDecided.$Shape|null;
                  $unknowns?: Uint8Array[];
                } & (
                  ({ body?: undefined; started?: null; modelAnswered?: null; toolCallSettled?: null; toolsOffered?: null; userMessageReceived?: null; cancelRequested?: null; finished?: null; approvalDecided?: null }|{ body?: "started"; started: toolfleet.session.v1.SessionStarted.$Shape; modelAnswered?: null; toolCallSettled?: null; toolsOffered?: null; userMessageReceived?: null; cancelRequested?: null; finished?: null; approvalDecided?: null }|{ body?: "modelAnswered"; started?: null; modelAnswered: toolfleet.session.v1.ModelAnswered.$Shape; toolCallSettled?: null; toolsOffered?: null; userMessageReceived?: null; cancelRequested?: null; finished?: null; approvalDecided?: null }|{ body?: "toolCallSettled"; started?: null; modelAnswered?: null; toolCallSettled: toolfleet.session.v1.ToolCallSettled.$Shape; toolsOffered?: null; userMessageReceived?: null; cancelRequested?: null; finished?: null; approvalDecided?: null }|{ body?: "toolsOffered"; started?: null; modelAnswered?: null; toolCallSettled?: null; toolsOffered: toolfleet.session.v1.ToolsOffered.$Shape; userMessageReceived?: null; cancelRequested?: null; finished?: null; approvalDecided?: null }|{ body?: "userMessageReceived"; started?: null; modelAnswered?: null; toolCallSettled?: null; toolsOffered?: null; userMessageReceived: toolfleet.session.v1.UserMessage.$Shape; cancelRequested?: null; finished?: null; approvalDecided?: null }|{ body?: "cancelRequested"; started?: null; modelAnswered?: null; toolCallSettled?: null; toolsOffered?: null; userMessageReceived?: null; cancelRequested: toolfleet.session.v1.CancelRequested.$Shape; finished?: null; approvalDecided?: null }|{ body?: "finished"; started?: null; modelAnswered?: null; toolCallSettled?: null; toolsOffered?: null; userMessageReceived?: null; cancelRequested?: null; finished: toolfleet.session.v1.SessionFinished.$Shape; approvalDecided?: null }|{ body?: "approvalDecided"; started?: null; modelAnswered?: null; toolCallSettled?: null; toolsOffered?: null; userMessageReceived?: null; cancelRequested?: null; finished?: null; approvalDecided: toolfleet.session.v1.ApprovalDecided.$Shape })
                );
            }

            /**
             * Properties of a SessionStarted.
             * @deprecated Use toolfleet.session.v1.SessionStarted.$Properties instead.
             */
            interface ISessionStarted extends toolfleet.session.v1.SessionStarted.$Properties {
            }

            /** Represents a SessionStarted. */
            class SessionStarted {

                /** Reflection-backed declarations are not constructable. Use SessionStarted.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** SessionStarted sessionId. */
                sessionId: string;

                /** SessionStarted request. */
                request?: (toolfleet.session.v1.SessionRequest.$Properties|null);

                /** SessionStarted tools. */
                tools: string[];

                /** SessionStarted limits. */
                limits?: (toolfleet.session.v1.SessionLimits.$Properties|null);

                /** SessionStarted modelRoute. */
                modelRoute: string;

                /** SessionStarted deadlineAtMs. */
                deadlineAtMs: (number|Long);

                /**
                 * Creates a new SessionStarted instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns SessionStarted instance
                 */
                static create(properties: toolfleet.session.v1.SessionStarted.$Shape): toolfleet.session.v1.SessionStarted & toolfleet.session.v1.SessionStarted.$Shape;
                static create(properties?: toolfleet.session.v1.SessionStarted.$Properties): toolfleet.session.v1.SessionStarted;

                /**
                 * Encodes the specified SessionStarted message. Does not implicitly {@link toolfleet.session.v1.SessionStarted.verify|verify} messages.
                 * @param message SessionStarted message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.SessionStarted.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified SessionStarted message, length delimited. Does not implicitly {@link toolfleet.session.v1.SessionStarted.verify|verify} messages.
                 * @param message SessionStarted message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.SessionStarted.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a SessionStarted message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.SessionStarted & toolfleet.session.v1.SessionStarted.$Shape} SessionStarted
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.SessionStarted & toolfleet.session.v1.SessionStarted.$Shape;

                /**
                 * Decodes a SessionStarted message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.SessionStarted & toolfleet.session.v1.SessionStarted.$Shape} SessionStarted
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.SessionStarted & toolfleet.session.v1.SessionStarted.$Shape;

                /**
                 * Verifies a SessionStarted message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a SessionStarted message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns SessionStarted
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.SessionStarted;

                /**
                 * Creates a plain object from a SessionStarted message. Also converts values to other types if specified.
                 * @param message SessionStarted
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.SessionStarted, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this SessionStarted to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for SessionStarted
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace SessionStarted {

                /** Properties of a SessionStarted. */
                interface $Properties {

                    /** SessionStarted sessionId */
                    sessionId?: (string|null);

                    /** SessionStarted request */
                    request?: (toolfleet.session.v1.SessionRequest.$Properties|null);

                    /** SessionStarted tools */
                    tools?: (string[]|null);

                    /** SessionStarted limits */
                    limits?: (toolfleet.session.v1.SessionLimits.$Properties|null);

                    /** SessionStarted modelRoute */
                    modelRoute?: (string|null);

                    /** SessionStarted deadlineAtMs */
                    deadlineAtMs?: (number|Long|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a SessionStarted. */
                type $Shape = toolfleet.session.v1.SessionStarted.$Properties;
            }

            /**
             * Properties of a ModelAnswered.
             * @deprecated Use toolfleet.session.v1.ModelAnswered.$Properties instead.
             */
            interface IModelAnswered extends toolfleet.session.v1.ModelAnswered.$Properties {
            }

            /** Represents a ModelAnswered. */
            class ModelAnswered {

                /** Reflection-backed declarations are not constructable. Use ModelAnswered.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ModelAnswered turn. */
                turn: number;

                /** ModelAnswered text. */
                text: string;

                /** ModelAnswered calls. */
                calls: toolfleet.session.v1.JudgedCall.$Properties[];

                /** ModelAnswered usage. */
                usage?: (toolfleet.session.v1.Usage.$Properties|null);

                /**
                 * Creates a new ModelAnswered instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ModelAnswered instance
                 */
                static create(properties: toolfleet.session.v1.ModelAnswered.$Shape): toolfleet.session.v1.ModelAnswered & toolfleet.session.v1.ModelAnswered.$Shape;
                static create(properties?: toolfleet.session.v1.ModelAnswered.$Properties): toolfleet.session.v1.ModelAnswered;

                /**
                 * Encodes the specified ModelAnswered message. Does not implicitly {@link toolfleet.session.v1.ModelAnswered.verify|verify} messages.
                 * @param message ModelAnswered message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.ModelAnswered.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified ModelAnswered message, length delimited. Does not implicitly {@link toolfleet.session.v1.ModelAnswered.verify|verify} messages.
                 * @param message ModelAnswered message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.ModelAnswered.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ModelAnswered message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.ModelAnswered & toolfleet.session.v1.ModelAnswered.$Shape} ModelAnswered
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.ModelAnswered & toolfleet.session.v1.ModelAnswered.$Shape;

                /**
                 * Decodes a ModelAnswered message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.ModelAnswered & toolfleet.session.v1.ModelAnswered.$Shape} ModelAnswered
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.ModelAnswered & toolfleet.session.v1.ModelAnswered.$Shape;

                /**
                 * Verifies a ModelAnswered message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a ModelAnswered message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns ModelAnswered
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.ModelAnswered;

                /**
                 * Creates a plain object from a ModelAnswered message. Also converts values to other types if specified.
                 * @param message ModelAnswered
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.ModelAnswered, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this ModelAnswered to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for ModelAnswered
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace ModelAnswered {

                /** Properties of a ModelAnswered. */
                interface $Properties {

                    /** ModelAnswered turn */
                    turn?: (number|null);

                    /** ModelAnswered text */
                    text?: (string|null);

                    /** ModelAnswered calls */
                    calls?: (toolfleet.session.v1.JudgedCall.$Properties[]|null);

                    /** ModelAnswered usage */
                    usage?: (toolfleet.session.v1.Usage.$Properties|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ModelAnswered. */
                type $Shape = toolfleet.session.v1.ModelAnswered.$Properties;
            }

            /** Disposition enum. */
            enum Disposition {

                /** DISPOSITION_UNSPECIFIED value */
                DISPOSITION_UNSPECIFIED = 0,

                /** DISPOSITION_DISPATCH value */
                DISPOSITION_DISPATCH = 1,

                /** DISPOSITION_REVIEW value */
                DISPOSITION_REVIEW = 2,

                /** DISPOSITION_FIND_TOOLS value */
                DISPOSITION_FIND_TOOLS = 3,

                /** DISPOSITION_REFUSE value */
                DISPOSITION_REFUSE = 4
            }

            /**
             * Properties of a JudgedCall.
             * @deprecated Use toolfleet.session.v1.JudgedCall.$Properties instead.
             */
            interface IJudgedCall extends toolfleet.session.v1.JudgedCall.$Properties {
            }

            /** Represents a JudgedCall. */
            class JudgedCall {

                /** Reflection-backed declarations are not constructable. Use JudgedCall.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** JudgedCall callId. */
                callId: string;

                /** JudgedCall providerCallId. */
                providerCallId: string;

                /** JudgedCall tool. */
                tool: string;

                /** JudgedCall arguments. */
                arguments: string;

                /** JudgedCall disposition. */
                disposition: toolfleet.session.v1.Disposition;

                /** JudgedCall toolVersion. */
                toolVersion: string;

                /** JudgedCall toolClass. */
                toolClass: string;

                /** JudgedCall effect. */
                effect: toolfleet.toolcall.v1.Effect;

                /** JudgedCall conflictKey. */
                conflictKey: string;

                /** JudgedCall timeoutMs. */
                timeoutMs: (number|Long);

                /** JudgedCall policyRevision. */
                policyRevision: string;

                /** JudgedCall rule. */
                rule: string;

                /** JudgedCall refusal. */
                refusal?: (toolfleet.refusal.v1.Refusal.$Properties|null);

                /** JudgedCall approversNeeded. */
                approversNeeded: number;

                /**
                 * Creates a new JudgedCall instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns JudgedCall instance
                 */
                static create(properties: toolfleet.session.v1.JudgedCall.$Shape): toolfleet.session.v1.JudgedCall & toolfleet.session.v1.JudgedCall.$Shape;
                static create(properties?: toolfleet.session.v1.JudgedCall.$Properties): toolfleet.session.v1.JudgedCall;

                /**
                 * Encodes the specified JudgedCall message. Does not implicitly {@link toolfleet.session.v1.JudgedCall.verify|verify} messages.
                 * @param message JudgedCall message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.JudgedCall.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified JudgedCall message, length delimited. Does not implicitly {@link toolfleet.session.v1.JudgedCall.verify|verify} messages.
                 * @param message JudgedCall message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.JudgedCall.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a JudgedCall message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.JudgedCall & toolfleet.session.v1.JudgedCall.$Shape} JudgedCall
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.JudgedCall & toolfleet.session.v1.JudgedCall.$Shape;

                /**
                 * Decodes a JudgedCall message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.JudgedCall & toolfleet.session.v1.JudgedCall.$Shape} JudgedCall
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.JudgedCall & toolfleet.session.v1.JudgedCall.$Shape;

                /**
                 * Verifies a JudgedCall message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a JudgedCall message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns JudgedCall
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.JudgedCall;

                /**
                 * Creates a plain object from a JudgedCall message. Also converts values to other types if specified.
                 * @param message JudgedCall
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.JudgedCall, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this JudgedCall to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for JudgedCall
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace JudgedCall {

                /** Properties of a JudgedCall. */
                interface $Properties {

                    /** JudgedCall callId */
                    callId?: (string|null);

                    /** JudgedCall providerCallId */
                    providerCallId?: (string|null);

                    /** JudgedCall tool */
                    tool?: (string|null);

                    /** JudgedCall arguments */
                    "arguments"?: (string|null);

                    /** JudgedCall disposition */
                    disposition?: (toolfleet.session.v1.Disposition|null);

                    /** JudgedCall toolVersion */
                    toolVersion?: (string|null);

                    /** JudgedCall toolClass */
                    toolClass?: (string|null);

                    /** JudgedCall effect */
                    effect?: (toolfleet.toolcall.v1.Effect|null);

                    /** JudgedCall conflictKey */
                    conflictKey?: (string|null);

                    /** JudgedCall timeoutMs */
                    timeoutMs?: (number|Long|null);

                    /** JudgedCall policyRevision */
                    policyRevision?: (string|null);

                    /** JudgedCall rule */
                    rule?: (string|null);

                    /** JudgedCall refusal */
                    refusal?: (toolfleet.refusal.v1.Refusal.$Properties|null);

                    /** JudgedCall approversNeeded */
                    approversNeeded?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a JudgedCall. */
                type $Shape = toolfleet.session.v1.JudgedCall.$Properties;
            }

            /**
             * Properties of a ToolCallSettled.
             * @deprecated Use toolfleet.session.v1.ToolCallSettled.$Properties instead.
             */
            interface IToolCallSettled extends toolfleet.session.v1.ToolCallSettled.$Properties {
            }

            /** Represents a ToolCallSettled. */
            class ToolCallSettled {

                /** Reflection-backed declarations are not constructable. Use ToolCallSettled.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ToolCallSettled observation. */
                observation?: (toolfleet.toolcall.v1.Observation.$Properties|null);

                /**
                 * Creates a new ToolCallSettled instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ToolCallSettled instance
                 */
                static create(properties: toolfleet.session.v1.ToolCallSettled.$Shape): toolfleet.session.v1.ToolCallSettled & toolfleet.session.v1.ToolCallSettled.$Shape;
                static create(properties?: toolfleet.session.v1.ToolCallSettled.$Properties): toolfleet.session.v1.ToolCallSettled;

                /**
                 * Encodes the specified ToolCallSettled message. Does not implicitly {@link toolfleet.session.v1.ToolCallSettled.verify|verify} messages.
                 * @param message ToolCallSettled message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.ToolCallSettled.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified ToolCallSettled message, length delimited. Does not implicitly {@link toolfleet.session.v1.ToolCallSettled.verify|verify} messages.
                 * @param message ToolCallSettled message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.ToolCallSettled.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ToolCallSettled message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.ToolCallSettled & toolfleet.session.v1.ToolCallSettled.$Shape} ToolCallSettled
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.ToolCallSettled & toolfleet.session.v1.ToolCallSettled.$Shape;

                /**
                 * Decodes a ToolCallSettled message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.ToolCallSettled & toolfleet.session.v1.ToolCallSettled.$Shape} ToolCallSettled
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.ToolCallSettled & toolfleet.session.v1.ToolCallSettled.$Shape;

                /**
                 * Verifies a ToolCallSettled message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a ToolCallSettled message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns ToolCallSettled
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.ToolCallSettled;

                /**
                 * Creates a plain object from a ToolCallSettled message. Also converts values to other types if specified.
                 * @param message ToolCallSettled
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.ToolCallSettled, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this ToolCallSettled to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for ToolCallSettled
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace ToolCallSettled {

                /** Properties of a ToolCallSettled. */
                interface $Properties {

                    /** ToolCallSettled observation */
                    observation?: (toolfleet.toolcall.v1.Observation.$Properties|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ToolCallSettled. */
                type $Shape = toolfleet.session.v1.ToolCallSettled.$Properties;
            }

            /**
             * Properties of a ToolsOffered.
             * @deprecated Use toolfleet.session.v1.ToolsOffered.$Properties instead.
             */
            interface IToolsOffered extends toolfleet.session.v1.ToolsOffered.$Properties {
            }

            /** Represents a ToolsOffered. */
            class ToolsOffered {

                /** Reflection-backed declarations are not constructable. Use ToolsOffered.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ToolsOffered tools. */
                tools: string[];

                /**
                 * Creates a new ToolsOffered instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ToolsOffered instance
                 */
                static create(properties: toolfleet.session.v1.ToolsOffered.$Shape): toolfleet.session.v1.ToolsOffered & toolfleet.session.v1.ToolsOffered.$Shape;
                static create(properties?: toolfleet.session.v1.ToolsOffered.$Properties): toolfleet.session.v1.ToolsOffered;

                /**
                 * Encodes the specified ToolsOffered message. Does not implicitly {@link toolfleet.session.v1.ToolsOffered.verify|verify} messages.
                 * @param message ToolsOffered message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.ToolsOffered.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified ToolsOffered message, length delimited. Does not implicitly {@link toolfleet.session.v1.ToolsOffered.verify|verify} messages.
                 * @param message ToolsOffered message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.ToolsOffered.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ToolsOffered message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.ToolsOffered & toolfleet.session.v1.ToolsOffered.$Shape} ToolsOffered
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.ToolsOffered & toolfleet.session.v1.ToolsOffered.$Shape;

                /**
                 * Decodes a ToolsOffered message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.ToolsOffered & toolfleet.session.v1.ToolsOffered.$Shape} ToolsOffered
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.ToolsOffered & toolfleet.session.v1.ToolsOffered.$Shape;

                /**
                 * Verifies a ToolsOffered message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a ToolsOffered message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns ToolsOffered
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.ToolsOffered;

                /**
                 * Creates a plain object from a ToolsOffered message. Also converts values to other types if specified.
                 * @param message ToolsOffered
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.ToolsOffered, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this ToolsOffered to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for ToolsOffered
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace ToolsOffered {

                /** Properties of a ToolsOffered. */
                interface $Properties {

                    /** ToolsOffered tools */
                    tools?: (string[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ToolsOffered. */
                type $Shape = toolfleet.session.v1.ToolsOffered.$Properties;
            }

            /**
             * Properties of a CancelRequested.
             * @deprecated Use toolfleet.session.v1.CancelRequested.$Properties instead.
             */
            interface ICancelRequested extends toolfleet.session.v1.CancelRequested.$Properties {
            }

            /** Represents a CancelRequested. */
            class CancelRequested {

                /** Reflection-backed declarations are not constructable. Use CancelRequested.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** CancelRequested reason. */
                reason: string;

                /** CancelRequested requestedBy. */
                requestedBy: string;

                /**
                 * Creates a new CancelRequested instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns CancelRequested instance
                 */
                static create(properties: toolfleet.session.v1.CancelRequested.$Shape): toolfleet.session.v1.CancelRequested & toolfleet.session.v1.CancelRequested.$Shape;
                static create(properties?: toolfleet.session.v1.CancelRequested.$Properties): toolfleet.session.v1.CancelRequested;

                /**
                 * Encodes the specified CancelRequested message. Does not implicitly {@link toolfleet.session.v1.CancelRequested.verify|verify} messages.
                 * @param message CancelRequested message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.CancelRequested.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified CancelRequested message, length delimited. Does not implicitly {@link toolfleet.session.v1.CancelRequested.verify|verify} messages.
                 * @param message CancelRequested message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.CancelRequested.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a CancelRequested message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.CancelRequested & toolfleet.session.v1.CancelRequested.$Shape} CancelRequested
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.CancelRequested & toolfleet.session.v1.CancelRequested.$Shape;

                /**
                 * Decodes a CancelRequested message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.CancelRequested & toolfleet.session.v1.CancelRequested.$Shape} CancelRequested
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.CancelRequested & toolfleet.session.v1.CancelRequested.$Shape;

                /**
                 * Verifies a CancelRequested message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a CancelRequested message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns CancelRequested
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.CancelRequested;

                /**
                 * Creates a plain object from a CancelRequested message. Also converts values to other types if specified.
                 * @param message CancelRequested
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.CancelRequested, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this CancelRequested to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for CancelRequested
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace CancelRequested {

                /** Properties of a CancelRequested. */
                interface $Properties {

                    /** CancelRequested reason */
                    reason?: (string|null);

                    /** CancelRequested requestedBy */
                    requestedBy?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a CancelRequested. */
                type $Shape = toolfleet.session.v1.CancelRequested.$Properties;
            }

            /**
             * Properties of a SessionFinished.
             * @deprecated Use toolfleet.session.v1.SessionFinished.$Properties instead.
             */
            interface ISessionFinished extends toolfleet.session.v1.SessionFinished.$Properties {
            }

            /** Represents a SessionFinished. */
            class SessionFinished {

                /** Reflection-backed declarations are not constructable. Use SessionFinished.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** SessionFinished status. */
                status: toolfleet.session.v1.SessionStatus;

                /** SessionFinished answer. */
                answer: string;

                /** SessionFinished refusal. */
                refusal?: (toolfleet.refusal.v1.Refusal.$Properties|null);

                /**
                 * Creates a new SessionFinished instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns SessionFinished instance
                 */
                static create(properties: toolfleet.session.v1.SessionFinished.$Shape): toolfleet.session.v1.SessionFinished & toolfleet.session.v1.SessionFinished.$Shape;
                static create(properties?: toolfleet.session.v1.SessionFinished.$Properties): toolfleet.session.v1.SessionFinished;

                /**
                 * Encodes the specified SessionFinished message. Does not implicitly {@link toolfleet.session.v1.SessionFinished.verify|verify} messages.
                 * @param message SessionFinished message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.SessionFinished.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified SessionFinished message, length delimited. Does not implicitly {@link toolfleet.session.v1.SessionFinished.verify|verify} messages.
                 * @param message SessionFinished message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.SessionFinished.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a SessionFinished message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.SessionFinished & toolfleet.session.v1.SessionFinished.$Shape} SessionFinished
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.SessionFinished & toolfleet.session.v1.SessionFinished.$Shape;

                /**
                 * Decodes a SessionFinished message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.SessionFinished & toolfleet.session.v1.SessionFinished.$Shape} SessionFinished
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.SessionFinished & toolfleet.session.v1.SessionFinished.$Shape;

                /**
                 * Verifies a SessionFinished message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a SessionFinished message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns SessionFinished
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.SessionFinished;

                /**
                 * Creates a plain object from a SessionFinished message. Also converts values to other types if specified.
                 * @param message SessionFinished
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.SessionFinished, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this SessionFinished to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for SessionFinished
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace SessionFinished {

                /** Properties of a SessionFinished. */
                interface $Properties {

                    /** SessionFinished status */
                    status?: (toolfleet.session.v1.SessionStatus|null);

                    /** SessionFinished answer */
                    answer?: (string|null);

                    /** SessionFinished refusal */
                    refusal?: (toolfleet.refusal.v1.Refusal.$Properties|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a SessionFinished. */
                type $Shape = toolfleet.session.v1.SessionFinished.$Properties;
            }

            /**
             * Properties of a SessionEvents.
             * @deprecated Use toolfleet.session.v1.SessionEvents.$Properties instead.
             */
            interface ISessionEvents extends toolfleet.session.v1.SessionEvents.$Properties {
            }

            /** Represents a SessionEvents. */
            class SessionEvents {

                /** Reflection-backed declarations are not constructable. Use SessionEvents.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** SessionEvents tenant. */
                tenant: string;

                /** SessionEvents sessionId. */
                sessionId: string;

                /** SessionEvents events. */
                events: Uint8Array[];

                /**
                 * Creates a new SessionEvents instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns SessionEvents instance
                 */
                static create(properties: toolfleet.session.v1.SessionEvents.$Shape): toolfleet.session.v1.SessionEvents & toolfleet.session.v1.SessionEvents.$Shape;
                static create(properties?: toolfleet.session.v1.SessionEvents.$Properties): toolfleet.session.v1.SessionEvents;

                /**
                 * Encodes the specified SessionEvents message. Does not implicitly {@link toolfleet.session.v1.SessionEvents.verify|verify} messages.
                 * @param message SessionEvents message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.SessionEvents.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified SessionEvents message, length delimited. Does not implicitly {@link toolfleet.session.v1.SessionEvents.verify|verify} messages.
                 * @param message SessionEvents message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.SessionEvents.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a SessionEvents message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.SessionEvents & toolfleet.session.v1.SessionEvents.$Shape} SessionEvents
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.SessionEvents & toolfleet.session.v1.SessionEvents.$Shape;

                /**
                 * Decodes a SessionEvents message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.SessionEvents & toolfleet.session.v1.SessionEvents.$Shape} SessionEvents
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.SessionEvents & toolfleet.session.v1.SessionEvents.$Shape;

                /**
                 * Verifies a SessionEvents message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a SessionEvents message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns SessionEvents
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.SessionEvents;

                /**
                 * Creates a plain object from a SessionEvents message. Also converts values to other types if specified.
                 * @param message SessionEvents
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.SessionEvents, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this SessionEvents to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for SessionEvents
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace SessionEvents {

                /** Properties of a SessionEvents. */
                interface $Properties {

                    /** SessionEvents tenant */
                    tenant?: (string|null);

                    /** SessionEvents sessionId */
                    sessionId?: (string|null);

                    /** SessionEvents events */
                    events?: (Uint8Array[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a SessionEvents. */
                type $Shape = toolfleet.session.v1.SessionEvents.$Properties;
            }

            /**
             * Properties of a SessionOutcome.
             * @deprecated Use toolfleet.session.v1.SessionOutcome.$Properties instead.
             */
            interface ISessionOutcome extends toolfleet.session.v1.SessionOutcome.$Properties {
            }

            /** Represents a SessionOutcome. */
            class SessionOutcome {

                /** Reflection-backed declarations are not constructable. Use SessionOutcome.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** SessionOutcome tenant. */
                tenant: string;

                /** SessionOutcome sessionId. */
                sessionId: string;

                /** SessionOutcome requestId. */
                requestId: string;

                /** SessionOutcome user. */
                user: string;

                /** SessionOutcome agent. */
                agent: string;

                /** SessionOutcome status. */
                status: toolfleet.session.v1.SessionStatus;

                /** SessionOutcome answer. */
                answer: string;

                /** SessionOutcome refusal. */
                refusal?: (toolfleet.refusal.v1.Refusal.$Properties|null);

                /** SessionOutcome usage. */
                usage?: (toolfleet.session.v1.Usage.$Properties|null);

                /** SessionOutcome turns. */
                turns: number;

                /** SessionOutcome calls. */
                calls: toolfleet.session.v1.CallSummary.$Properties[];

                /** SessionOutcome startedAtMs. */
                startedAtMs: (number|Long);

                /** SessionOutcome finishedAtMs. */
                finishedAtMs: (number|Long);

                /** SessionOutcome labels. */
                labels: { [k: string]: string };

                /** SessionOutcome run. */
                run: number;

                /**
                 * Creates a new SessionOutcome instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns SessionOutcome instance
                 */
                static create(properties: toolfleet.session.v1.SessionOutcome.$Shape): toolfleet.session.v1.SessionOutcome & toolfleet.session.v1.SessionOutcome.$Shape;
                static create(properties?: toolfleet.session.v1.SessionOutcome.$Properties): toolfleet.session.v1.SessionOutcome;

                /**
                 * Encodes the specified SessionOutcome message. Does not implicitly {@link toolfleet.session.v1.SessionOutcome.verify|verify} messages.
                 * @param message SessionOutcome message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.SessionOutcome.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified SessionOutcome message, length delimited. Does not implicitly {@link toolfleet.session.v1.SessionOutcome.verify|verify} messages.
                 * @param message SessionOutcome message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.SessionOutcome.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a SessionOutcome message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.SessionOutcome & toolfleet.session.v1.SessionOutcome.$Shape} SessionOutcome
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.SessionOutcome & toolfleet.session.v1.SessionOutcome.$Shape;

                /**
                 * Decodes a SessionOutcome message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.SessionOutcome & toolfleet.session.v1.SessionOutcome.$Shape} SessionOutcome
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.SessionOutcome & toolfleet.session.v1.SessionOutcome.$Shape;

                /**
                 * Verifies a SessionOutcome message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a SessionOutcome message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns SessionOutcome
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.SessionOutcome;

                /**
                 * Creates a plain object from a SessionOutcome message. Also converts values to other types if specified.
                 * @param message SessionOutcome
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.SessionOutcome, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this SessionOutcome to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for SessionOutcome
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace SessionOutcome {

                /** Properties of a SessionOutcome. */
                interface $Properties {

                    /** SessionOutcome tenant */
                    tenant?: (string|null);

                    /** SessionOutcome sessionId */
                    sessionId?: (string|null);

                    /** SessionOutcome requestId */
                    requestId?: (string|null);

                    /** SessionOutcome user */
                    user?: (string|null);

                    /** SessionOutcome agent */
                    agent?: (string|null);

                    /** SessionOutcome status */
                    status?: (toolfleet.session.v1.SessionStatus|null);

                    /** SessionOutcome answer */
                    answer?: (string|null);

                    /** SessionOutcome refusal */
                    refusal?: (toolfleet.refusal.v1.Refusal.$Properties|null);

                    /** SessionOutcome usage */
                    usage?: (toolfleet.session.v1.Usage.$Properties|null);

                    /** SessionOutcome turns */
                    turns?: (number|null);

                    /** SessionOutcome calls */
                    calls?: (toolfleet.session.v1.CallSummary.$Properties[]|null);

                    /** SessionOutcome startedAtMs */
                    startedAtMs?: (number|Long|null);

                    /** SessionOutcome finishedAtMs */
                    finishedAtMs?: (number|Long|null);

                    /** SessionOutcome labels */
                    labels?: ({ [k: string]: string }|null);

                    /** SessionOutcome run */
                    run?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a SessionOutcome. */
                type $Shape = toolfleet.session.v1.SessionOutcome.$Properties;
            }

            /**
             * Properties of a CallSummary.
             * @deprecated Use toolfleet.session.v1.CallSummary.$Properties instead.
             */
            interface ICallSummary extends toolfleet.session.v1.CallSummary.$Properties {
            }

            /** Represents a CallSummary. */
            class CallSummary {

                /** Reflection-backed declarations are not constructable. Use CallSummary.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** CallSummary callId. */
                callId: string;

                /** CallSummary tool. */
                tool: string;

                /** CallSummary effect. */
                effect: toolfleet.toolcall.v1.Effect;

                /** CallSummary outcome. */
                outcome: toolfleet.toolcall.v1.Outcome;

                /**
                 * Creates a new CallSummary instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns CallSummary instance
                 */
                static create(properties: toolfleet.session.v1.CallSummary.$Shape): toolfleet.session.v1.CallSummary & toolfleet.session.v1.CallSummary.$Shape;
                static create(properties?: toolfleet.session.v1.CallSummary.$Properties): toolfleet.session.v1.CallSummary;

                /**
                 * Encodes the specified CallSummary message. Does not implicitly {@link toolfleet.session.v1.CallSummary.verify|verify} messages.
                 * @param message CallSummary message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.CallSummary.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified CallSummary message, length delimited. Does not implicitly {@link toolfleet.session.v1.CallSummary.verify|verify} messages.
                 * @param message CallSummary message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.CallSummary.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a CallSummary message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.CallSummary & toolfleet.session.v1.CallSummary.$Shape} CallSummary
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.CallSummary & toolfleet.session.v1.CallSummary.$Shape;

                /**
                 * Decodes a CallSummary message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.CallSummary & toolfleet.session.v1.CallSummary.$Shape} CallSummary
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.CallSummary & toolfleet.session.v1.CallSummary.$Shape;

                /**
                 * Verifies a CallSummary message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a CallSummary message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns CallSummary
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.CallSummary;

                /**
                 * Creates a plain object from a CallSummary message. Also converts values to other types if specified.
                 * @param message CallSummary
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.CallSummary, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this CallSummary to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for CallSummary
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace CallSummary {

                /** Properties of a CallSummary. */
                interface $Properties {

                    /** CallSummary callId */
                    callId?: (string|null);

                    /** CallSummary tool */
                    tool?: (string|null);

                    /** CallSummary effect */
                    effect?: (toolfleet.toolcall.v1.Effect|null);

                    /** CallSummary outcome */
                    outcome?: (toolfleet.toolcall.v1.Outcome|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a CallSummary. */
                type $Shape = toolfleet.session.v1.CallSummary.$Properties;
            }

            /** Represents a SessionService */
            class SessionService extends $protobuf.rpc.Service {

                /** Reflection-backed declarations are not constructable. Use SessionService.create(...) instead. */
                private constructor();

                /**
                 * Creates new SessionService service using the specified rpc implementation.
                 * @param rpcImpl RPC implementation
                 * @param [requestDelimited=false] Whether requests are length-delimited
                 * @param [responseDelimited=false] Whether responses are length-delimited
                 * @returns RPC service. Useful where requests and/or responses are streamed.
                 */
                static create(rpcImpl: $protobuf.RPCImpl, requestDelimited?: boolean, responseDelimited?: boolean): SessionService;

                /** Calls StartSession. */
                startSession: toolfleet.session.v1.SessionService.StartSession;

                /** Calls GetSession. */
                getSession: toolfleet.session.v1.SessionService.GetSession;

                /** Calls ListSessions. */
                listSessions: toolfleet.session.v1.SessionService.ListSessions;

                /** Calls WatchSession. */
                watchSession: toolfleet.session.v1.SessionService.WatchSession;

                /** Calls CancelSession. */
                cancelSession: toolfleet.session.v1.SessionService.CancelSession;

                /** Calls SendMessage. */
                sendMessage: toolfleet.session.v1.SessionService.SendMessage;
            }

            namespace SessionService {

                /**
                 * Callback as used by {@link toolfleet.session.v1.SessionService#startSession}.
                 * @param error Error, if any
                 * @param [response] StartSessionResponse
                 */
                type StartSessionCallback = (error: (Error|null), response?: toolfleet.session.v1.StartSessionResponse) => void;

                /** Calls StartSession. */
                type StartSession = {
                  (request: toolfleet.session.v1.IStartSessionRequest, callback: toolfleet.session.v1.SessionService.StartSessionCallback): void;
                  (request: toolfleet.session.v1.IStartSessionRequest): Promise<toolfleet.session.v1.StartSessionResponse>;
                  readonly name: "StartSession";
                  readonly path: "/toolfleet.session.v1.SessionService/StartSession";
                  readonly requestType: "StartSessionRequest";
                  readonly responseType: "StartSessionResponse";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link toolfleet.session.v1.SessionService#getSession}.
                 * @param error Error, if any
                 * @param [response] GetSessionResponse
                 */
                type GetSessionCallback = (error: (Error|null), response?: toolfleet.session.v1.GetSessionResponse) => void;

                /** Calls GetSession. */
                type GetSession = {
                  (request: toolfleet.session.v1.IGetSessionRequest, callback: toolfleet.session.v1.SessionService.GetSessionCallback): void;
                  (request: toolfleet.session.v1.IGetSessionRequest): Promise<toolfleet.session.v1.GetSessionResponse>;
                  readonly name: "GetSession";
                  readonly path: "/toolfleet.session.v1.SessionService/GetSession";
                  readonly requestType: "GetSessionRequest";
                  readonly responseType: "GetSessionResponse";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link toolfleet.session.v1.SessionService#listSessions}.
                 * @param error Error, if any
                 * @param [response] ListSessionsResponse
                 */
                type ListSessionsCallback = (error: (Error|null), response?: toolfleet.session.v1.ListSessionsResponse) => void;

                /** Calls ListSessions. */
                type ListSessions = {
                  (request: toolfleet.session.v1.IListSessionsRequest, callback: toolfleet.session.v1.SessionService.ListSessionsCallback): void;
                  (request: toolfleet.session.v1.IListSessionsRequest): Promise<toolfleet.session.v1.ListSessionsResponse>;
                  readonly name: "ListSessions";
                  readonly path: "/toolfleet.session.v1.SessionService/ListSessions";
                  readonly requestType: "ListSessionsRequest";
                  readonly responseType: "ListSessionsResponse";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link toolfleet.session.v1.SessionService#watchSession}.
                 * @param error Error, if any
                 * @param [response] WatchSessionResponse
                 */
                type WatchSessionCallback = (error: (Error|null), response?: toolfleet.session.v1.WatchSessionResponse) => void;

                /** Calls WatchSession. */
                type WatchSession = {
                  (request: toolfleet.session.v1.IWatchSessionRequest, callback: toolfleet.session.v1.SessionService.WatchSessionCallback): void;
                  (request: toolfleet.session.v1.IWatchSessionRequest): Promise<toolfleet.session.v1.WatchSessionResponse>;
                  readonly name: "WatchSession";
                  readonly path: "/toolfleet.session.v1.SessionService/WatchSession";
                  readonly requestType: "WatchSessionRequest";
                  readonly responseType: "WatchSessionResponse";
                  readonly requestStream: undefined;
                  readonly responseStream: true;
                };

                /**
                 * Callback as used by {@link toolfleet.session.v1.SessionService#cancelSession}.
                 * @param error Error, if any
                 * @param [response] CancelSessionResponse
                 */
                type CancelSessionCallback = (error: (Error|null), response?: toolfleet.session.v1.CancelSessionResponse) => void;

                /** Calls CancelSession. */
                type CancelSession = {
                  (request: toolfleet.session.v1.ICancelSessionRequest, callback: toolfleet.session.v1.SessionService.CancelSessionCallback): void;
                  (request: toolfleet.session.v1.ICancelSessionRequest): Promise<toolfleet.session.v1.CancelSessionResponse>;
                  readonly name: "CancelSession";
                  readonly path: "/toolfleet.session.v1.SessionService/CancelSession";
                  readonly requestType: "CancelSessionRequest";
                  readonly responseType: "CancelSessionResponse";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };

                /**
                 * Callback as used by {@link toolfleet.session.v1.SessionService#sendMessage}.
                 * @param error Error, if any
                 * @param [response] SendMessageResponse
                 */
                type SendMessageCallback = (error: (Error|null), response?: toolfleet.session.v1.SendMessageResponse) => void;

                /** Calls SendMessage. */
                type SendMessage = {
                  (request: toolfleet.session.v1.ISendMessageRequest, callback: toolfleet.session.v1.SessionService.SendMessageCallback): void;
                  (request: toolfleet.session.v1.ISendMessageRequest): Promise<toolfleet.session.v1.SendMessageResponse>;
                  readonly name: "SendMessage";
                  readonly path: "/toolfleet.session.v1.SessionService/SendMessage";
                  readonly requestType: "SendMessageRequest";
                  readonly responseType: "SendMessageResponse";
                  readonly requestStream: undefined;
                  readonly responseStream: undefined;
                };
            }

            /**
             * Properties of a Session.
             * @deprecated Use toolfleet.session.v1.Session.$Properties instead.
             */
            interface ISession extends toolfleet.session.v1.Session.$Properties {
            }

            /** Represents a Session. */
            class Session {

                /** Reflection-backed declarations are not constructable. Use Session.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Session tenant. */
                tenant: string;

                /** Session sessionId. */
                sessionId: string;

                /** Session requestId. */
                requestId: string;

                /** Session user. */
                user: string;

                /** Session agent. */
                agent: string;

                /** Session status. */
                status: toolfleet.session.v1.SessionStatus;

                /** Session seq. */
                seq: (number|Long);

                /** Session usage. */
                usage?: (toolfleet.session.v1.Usage.$Properties|null);

                /** Session createdAtMs. */
                createdAtMs: (number|Long);

                /** Session updatedAtMs. */
                updatedAtMs: (number|Long);

                /** Session answer. */
                answer: string;

                /**
                 * Creates a new Session instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Session instance
                 */
                static create(properties: toolfleet.session.v1.Session.$Shape): toolfleet.session.v1.Session & toolfleet.session.v1.Session.$Shape;
                static create(properties?: toolfleet.session.v1.Session.$Properties): toolfleet.session.v1.Session;

                /**
                 * Encodes the specified Session message. Does not implicitly {@link toolfleet.session.v1.Session.verify|verify} messages.
                 * @param message Session message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.Session.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified Session message, length delimited. Does not implicitly {@link toolfleet.session.v1.Session.verify|verify} messages.
                 * @param message Session message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.Session.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Session message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.Session & toolfleet.session.v1.Session.$Shape} Session
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.Session & toolfleet.session.v1.Session.$Shape;

                /**
                 * Decodes a Session message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.Session & toolfleet.session.v1.Session.$Shape} Session
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.Session & toolfleet.session.v1.Session.$Shape;

                /**
                 * Verifies a Session message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a Session message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns Session
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.Session;

                /**
                 * Creates a plain object from a Session message. Also converts values to other types if specified.
                 * @param message Session
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.Session, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this Session to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for Session
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace Session {

                /** Properties of a Session. */
                interface $Properties {

                    /** Session tenant */
                    tenant?: (string|null);

                    /** Session sessionId */
                    sessionId?: (string|null);

                    /** Session requestId */
                    requestId?: (string|null);

                    /** Session user */
                    user?: (string|null);

                    /** Session agent */
                    agent?: (string|null);

                    /** Session status */
                    status?: (toolfleet.session.v1.SessionStatus|null);

                    /** Session seq */
                    seq?: (number|Long|null);

                    /** Session usage */
                    usage?: (toolfleet.session.v1.Usage.$Properties|null);

                    /** Session createdAtMs */
                    createdAtMs?: (number|Long|null);

                    /** Session updatedAtMs */
                    updatedAtMs?: (number|Long|null);

                    /** Session answer */
                    answer?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Session. */
                type $Shape = toolfleet.session.v1.Session.$Properties;
            }

            /**
             * Properties of a StartSessionRequest.
             * @deprecated Use toolfleet.session.v1.StartSessionRequest.$Properties instead.
             */
            interface IStartSessionRequest extends toolfleet.session.v1.StartSessionRequest.$Properties {
            }

            /** Represents a StartSessionRequest. */
            class StartSessionRequest {

                /** Reflection-backed declarations are not constructable. Use StartSessionRequest.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** StartSessionRequest request. */
                request?: (toolfleet.session.v1.SessionRequest.$Properties|null);

                /**
                 * Creates a new StartSessionRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns StartSessionRequest instance
                 */
                static create(properties: toolfleet.session.v1.StartSessionRequest.$Shape): toolfleet.session.v1.StartSessionRequest & toolfleet.session.v1.StartSessionRequest.$Shape;
                static create(properties?: toolfleet.session.v1.StartSessionRequest.$Properties): toolfleet.session.v1.StartSessionRequest;

                /**
                 * Encodes the specified StartSessionRequest message. Does not implicitly {@link toolfleet.session.v1.StartSessionRequest.verify|verify} messages.
                 * @param message StartSessionRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.StartSessionRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified StartSessionRequest message, length delimited. Does not implicitly {@link toolfleet.session.v1.StartSessionRequest.verify|verify} messages.
                 * @param message StartSessionRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.StartSessionRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a StartSessionRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.StartSessionRequest & toolfleet.session.v1.StartSessionRequest.$Shape} StartSessionRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.StartSessionRequest & toolfleet.session.v1.StartSessionRequest.$Shape;

                /**
                 * Decodes a StartSessionRequest message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.StartSessionRequest & toolfleet.session.v1.StartSessionRequest.$Shape} StartSessionRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.StartSessionRequest & toolfleet.session.v1.StartSessionRequest.$Shape;

                /**
                 * Verifies a StartSessionRequest message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a StartSessionRequest message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns StartSessionRequest
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.StartSessionRequest;

                /**
                 * Creates a plain object from a StartSessionRequest message. Also converts values to other types if specified.
                 * @param message StartSessionRequest
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.StartSessionRequest, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this StartSessionRequest to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for StartSessionRequest
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace StartSessionRequest {

                /** Properties of a StartSessionRequest. */
                interface $Properties {

                    /** StartSessionRequest request */
                    request?: (toolfleet.session.v1.SessionRequest.$Properties|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a StartSessionRequest. */
                type $Shape = toolfleet.session.v1.StartSessionRequest.$Properties;
            }

            /**
             * Properties of a StartSessionResponse.
             * @deprecated Use toolfleet.session.v1.StartSessionResponse.$Properties instead.
             */
            interface IStartSessionResponse extends toolfleet.session.v1.StartSessionResponse.$Properties {
            }

            /** Represents a StartSessionResponse. */
            class StartSessionResponse {

                /** Reflection-backed declarations are not constructable. Use StartSessionResponse.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** StartSessionResponse session. */
                session?: (toolfleet.session.v1.Session.$Properties|null);

                /** StartSessionResponse existing. */
                existing: boolean;

                /**
                 * Creates a new StartSessionResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns StartSessionResponse instance
                 */
                static create(properties: toolfleet.session.v1.StartSessionResponse.$Shape): toolfleet.session.v1.StartSessionResponse & toolfleet.session.v1.StartSessionResponse.$Shape;
                static create(properties?: toolfleet.session.v1.StartSessionResponse.$Properties): toolfleet.session.v1.StartSessionResponse;

                /**
                 * Encodes the specified StartSessionResponse message. Does not implicitly {@link toolfleet.session.v1.StartSessionResponse.verify|verify} messages.
                 * @param message StartSessionResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.StartSessionResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified StartSessionResponse message, length delimited. Does not implicitly {@link toolfleet.session.v1.StartSessionResponse.verify|verify} messages.
                 * @param message StartSessionResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.StartSessionResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a StartSessionResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.StartSessionResponse & toolfleet.session.v1.StartSessionResponse.$Shape} StartSessionResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.StartSessionResponse & toolfleet.session.v1.StartSessionResponse.$Shape;

                /**
                 * Decodes a StartSessionResponse message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.StartSessionResponse & toolfleet.session.v1.StartSessionResponse.$Shape} StartSessionResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.StartSessionResponse & toolfleet.session.v1.StartSessionResponse.$Shape;

                /**
                 * Verifies a StartSessionResponse message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a StartSessionResponse message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns StartSessionResponse
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.StartSessionResponse;

                /**
                 * Creates a plain object from a StartSessionResponse message. Also converts values to other types if specified.
                 * @param message StartSessionResponse
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.StartSessionResponse, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this StartSessionResponse to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for StartSessionResponse
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace StartSessionResponse {

                /** Properties of a StartSessionResponse. */
                interface $Properties {

                    /** StartSessionResponse session */
                    session?: (toolfleet.session.v1.Session.$Properties|null);

                    /** StartSessionResponse existing */
                    existing?: (boolean|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a StartSessionResponse. */
                type $Shape = toolfleet.session.v1.StartSessionResponse.$Properties;
            }

            /**
             * Properties of a GetSessionRequest.
             * @deprecated Use toolfleet.session.v1.GetSessionRequest.$Properties instead.
             */
            interface IGetSessionRequest extends toolfleet.session.v1.GetSessionRequest.$Properties {
            }

            /** Represents a GetSessionRequest. */
            class GetSessionRequest {

                /** Reflection-backed declarations are not constructable. Use GetSessionRequest.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** GetSessionRequest tenant. */
                tenant: string;

                /** GetSessionRequest sessionId. */
                sessionId: string;

                /**
                 * Creates a new GetSessionRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns GetSessionRequest instance
                 */
                static create(properties: toolfleet.session.v1.GetSessionRequest.$Shape): toolfleet.session.v1.GetSessionRequest & toolfleet.session.v1.GetSessionRequest.$Shape;
                static create(properties?: toolfleet.session.v1.GetSessionRequest.$Properties): toolfleet.session.v1.GetSessionRequest;

                /**
                 * Encodes the specified GetSessionRequest message. Does not implicitly {@link toolfleet.session.v1.GetSessionRequest.verify|verify} messages.
                 * @param message GetSessionRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.GetSessionRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified GetSessionRequest message, length delimited. Does not implicitly {@link toolfleet.session.v1.GetSessionRequest.verify|verify} messages.
                 * @param message GetSessionRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.GetSessionRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a GetSessionRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.GetSessionRequest & toolfleet.session.v1.GetSessionRequest.$Shape} GetSessionRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.GetSessionRequest & toolfleet.session.v1.GetSessionRequest.$Shape;

                /**
                 * Decodes a GetSessionRequest message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.GetSessionRequest & toolfleet.session.v1.GetSessionRequest.$Shape} GetSessionRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.GetSessionRequest & toolfleet.session.v1.GetSessionRequest.$Shape;

                /**
                 * Verifies a GetSessionRequest message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a GetSessionRequest message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns GetSessionRequest
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.GetSessionRequest;

                /**
                 * Creates a plain object from a GetSessionRequest message. Also converts values to other types if specified.
                 * @param message GetSessionRequest
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.GetSessionRequest, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this GetSessionRequest to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for GetSessionRequest
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace GetSessionRequest {

                /** Properties of a GetSessionRequest. */
                interface $Properties {

                    /** GetSessionRequest tenant */
                    tenant?: (string|null);

                    /** GetSessionRequest sessionId */
                    sessionId?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a GetSessionRequest. */
                type $Shape = toolfleet.session.v1.GetSessionRequest.$Properties;
            }

            /**
             * Properties of a GetSessionResponse.
             * @deprecated Use toolfleet.session.v1.GetSessionResponse.$Properties instead.
             */
            interface IGetSessionResponse extends toolfleet.session.v1.GetSessionResponse.$Properties {
            }

            /** Represents a GetSessionResponse. */
            class GetSessionResponse {

                /** Reflection-backed declarations are not constructable. Use GetSessionResponse.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** GetSessionResponse session. */
                session?: (toolfleet.session.v1.Session.$Properties|null);

                /**
                 * Creates a new GetSessionResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns GetSessionResponse instance
                 */
                static create(properties: toolfleet.session.v1.GetSessionResponse.$Shape): toolfleet.session.v1.GetSessionResponse & toolfleet.session.v1.GetSessionResponse.$Shape;
                static create(properties?: toolfleet.session.v1.GetSessionResponse.$Properties): toolfleet.session.v1.GetSessionResponse;

                /**
                 * Encodes the specified GetSessionResponse message. Does not implicitly {@link toolfleet.session.v1.GetSessionResponse.verify|verify} messages.
                 * @param message GetSessionResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.GetSessionResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified GetSessionResponse message, length delimited. Does not implicitly {@link toolfleet.session.v1.GetSessionResponse.verify|verify} messages.
                 * @param message GetSessionResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.GetSessionResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a GetSessionResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.GetSessionResponse & toolfleet.session.v1.GetSessionResponse.$Shape} GetSessionResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.GetSessionResponse & toolfleet.session.v1.GetSessionResponse.$Shape;

                /**
                 * Decodes a GetSessionResponse message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.GetSessionResponse & toolfleet.session.v1.GetSessionResponse.$Shape} GetSessionResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.GetSessionResponse & toolfleet.session.v1.GetSessionResponse.$Shape;

                /**
                 * Verifies a GetSessionResponse message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a GetSessionResponse message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns GetSessionResponse
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.GetSessionResponse;

                /**
                 * Creates a plain object from a GetSessionResponse message. Also converts values to other types if specified.
                 * @param message GetSessionResponse
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.GetSessionResponse, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this GetSessionResponse to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for GetSessionResponse
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace GetSessionResponse {

                /** Properties of a GetSessionResponse. */
                interface $Properties {

                    /** GetSessionResponse session */
                    session?: (toolfleet.session.v1.Session.$Properties|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a GetSessionResponse. */
                type $Shape = toolfleet.session.v1.GetSessionResponse.$Properties;
            }

            /**
             * Properties of a ListSessionsRequest.
             * @deprecated Use toolfleet.session.v1.ListSessionsRequest.$Properties instead.
             */
            interface IListSessionsRequest extends toolfleet.session.v1.ListSessionsRequest.$Properties {
            }

            /** Represents a ListSessionsRequest. */
            class ListSessionsRequest {

                /** Reflection-backed declarations are not constructable. Use ListSessionsRequest.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ListSessionsRequest tenant. */
                tenant: string;

                /** ListSessionsRequest status. */
                status: toolfleet.session.v1.SessionStatus;

                /** ListSessionsRequest agent. */
                agent: string;

                /** ListSessionsRequest pageSize. */
                pageSize: number;

                /** ListSessionsRequest pageToken. */
                pageToken: string;

                /**
                 * Creates a new ListSessionsRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ListSessionsRequest instance
                 */
                static create(properties: toolfleet.session.v1.ListSessionsRequest.$Shape): toolfleet.session.v1.ListSessionsRequest & toolfleet.session.v1.ListSessionsRequest.$Shape;
                static create(properties?: toolfleet.session.v1.ListSessionsRequest.$Properties): toolfleet.session.v1.ListSessionsRequest;

                /**
                 * Encodes the specified ListSessionsRequest message. Does not implicitly {@link toolfleet.session.v1.ListSessionsRequest.verify|verify} messages.
                 * @param message ListSessionsRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.ListSessionsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified ListSessionsRequest message, length delimited. Does not implicitly {@link toolfleet.session.v1.ListSessionsRequest.verify|verify} messages.
                 * @param message ListSessionsRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.ListSessionsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ListSessionsRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.ListSessionsRequest & toolfleet.session.v1.ListSessionsRequest.$Shape} ListSessionsRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.ListSessionsRequest & toolfleet.session.v1.ListSessionsRequest.$Shape;

                /**
                 * Decodes a ListSessionsRequest message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.ListSessionsRequest & toolfleet.session.v1.ListSessionsRequest.$Shape} ListSessionsRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.ListSessionsRequest & toolfleet.session.v1.ListSessionsRequest.$Shape;

                /**
                 * Verifies a ListSessionsRequest message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a ListSessionsRequest message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns ListSessionsRequest
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.ListSessionsRequest;

                /**
                 * Creates a plain object from a ListSessionsRequest message. Also converts values to other types if specified.
                 * @param message ListSessionsRequest
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.ListSessionsRequest, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this ListSessionsRequest to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for ListSessionsRequest
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace ListSessionsRequest {

                /** Properties of a ListSessionsRequest. */
                interface $Properties {

                    /** ListSessionsRequest tenant */
                    tenant?: (string|null);

                    /** ListSessionsRequest status */
                    status?: (toolfleet.session.v1.SessionStatus|null);

                    /** ListSessionsRequest agent */
                    agent?: (string|null);

                    /** ListSessionsRequest pageSize */
                    pageSize?: (number|null);

                    /** ListSessionsRequest pageToken */
                    pageToken?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ListSessionsRequest. */
                type $Shape = toolfleet.session.v1.ListSessionsRequest.$Properties;
            }

            /**
             * Properties of a ListSessionsResponse.
             * @deprecated Use toolfleet.session.v1.ListSessionsResponse.$Properties instead.
             */
            interface IListSessionsResponse extends toolfleet.session.v1.ListSessionsResponse.$Properties {
            }

            /** Represents a ListSessionsResponse. */
            class ListSessionsResponse {

                /** Reflection-backed declarations are not constructable. Use ListSessionsResponse.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ListSessionsResponse sessions. */
                sessions: toolfleet.session.v1.Session.$Properties[];

                /** ListSessionsResponse nextPageToken. */
                nextPageToken: string;

                /**
                 * Creates a new ListSessionsResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ListSessionsResponse instance
                 */
                static create(properties: toolfleet.session.v1.ListSessionsResponse.$Shape): toolfleet.session.v1.ListSessionsResponse & toolfleet.session.v1.ListSessionsResponse.$Shape;
                static create(properties?: toolfleet.session.v1.ListSessionsResponse.$Properties): toolfleet.session.v1.ListSessionsResponse;

                /**
                 * Encodes the specified ListSessionsResponse message. Does not implicitly {@link toolfleet.session.v1.ListSessionsResponse.verify|verify} messages.
                 * @param message ListSessionsResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.ListSessionsResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified ListSessionsResponse message, length delimited. Does not implicitly {@link toolfleet.session.v1.ListSessionsResponse.verify|verify} messages.
                 * @param message ListSessionsResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.ListSessionsResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ListSessionsResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.ListSessionsResponse & toolfleet.session.v1.ListSessionsResponse.$Shape} ListSessionsResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.ListSessionsResponse & toolfleet.session.v1.ListSessionsResponse.$Shape;

                /**
                 * Decodes a ListSessionsResponse message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.ListSessionsResponse & toolfleet.session.v1.ListSessionsResponse.$Shape} ListSessionsResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.ListSessionsResponse & toolfleet.session.v1.ListSessionsResponse.$Shape;

                /**
                 * Verifies a ListSessionsResponse message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a ListSessionsResponse message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns ListSessionsResponse
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.ListSessionsResponse;

                /**
                 * Creates a plain object from a ListSessionsResponse message. Also converts values to other types if specified.
                 * @param message ListSessionsResponse
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.ListSessionsResponse, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this ListSessionsResponse to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for ListSessionsResponse
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace ListSessionsResponse {

                /** Properties of a ListSessionsResponse. */
                interface $Properties {

                    /** ListSessionsResponse sessions */
                    sessions?: (toolfleet.session.v1.Session.$Properties[]|null);

                    /** ListSessionsResponse nextPageToken */
                    nextPageToken?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ListSessionsResponse. */
                type $Shape = toolfleet.session.v1.ListSessionsResponse.$Properties;
            }

            /**
             * Properties of a WatchSessionRequest.
             * @deprecated Use toolfleet.session.v1.WatchSessionRequest.$Properties instead.
             */
            interface IWatchSessionRequest extends toolfleet.session.v1.WatchSessionRequest.$Properties {
            }

            /** Represents a WatchSessionRequest. */
            class WatchSessionRequest {

                /** Reflection-backed declarations are not constructable. Use WatchSessionRequest.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** WatchSessionRequest tenant. */
                tenant: string;

                /** WatchSessionRequest sessionId. */
                sessionId: string;

                /** WatchSessionRequest afterSeq. */
                afterSeq: (number|Long);

                /**
                 * Creates a new WatchSessionRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns WatchSessionRequest instance
                 */
                static create(properties: toolfleet.session.v1.WatchSessionRequest.$Shape): toolfleet.session.v1.WatchSessionRequest & toolfleet.session.v1.WatchSessionRequest.$Shape;
                static create(properties?: toolfleet.session.v1.WatchSessionRequest.$Properties): toolfleet.session.v1.WatchSessionRequest;

                /**
                 * Encodes the specified WatchSessionRequest message. Does not implicitly {@link toolfleet.session.v1.WatchSessionRequest.verify|verify} messages.
                 * @param message WatchSessionRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.WatchSessionRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified WatchSessionRequest message, length delimited. Does not implicitly {@link toolfleet.session.v1.WatchSessionRequest.verify|verify} messages.
                 * @param message WatchSessionRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.WatchSessionRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a WatchSessionRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.WatchSessionRequest & toolfleet.session.v1.WatchSessionRequest.$Shape} WatchSessionRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.WatchSessionRequest & toolfleet.session.v1.WatchSessionRequest.$Shape;

                /**
                 * Decodes a WatchSessionRequest message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.WatchSessionRequest & toolfleet.session.v1.WatchSessionRequest.$Shape} WatchSessionRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.WatchSessionRequest & toolfleet.session.v1.WatchSessionRequest.$Shape;

                /**
                 * Verifies a WatchSessionRequest message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a WatchSessionRequest message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns WatchSessionRequest
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.WatchSessionRequest;

                /**
                 * Creates a plain object from a WatchSessionRequest message. Also converts values to other types if specified.
                 * @param message WatchSessionRequest
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.WatchSessionRequest, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this WatchSessionRequest to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for WatchSessionRequest
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace WatchSessionRequest {

                /** Properties of a WatchSessionRequest. */
                interface $Properties {

                    /** WatchSessionRequest tenant */
                    tenant?: (string|null);

                    /** WatchSessionRequest sessionId */
                    sessionId?: (string|null);

                    /** WatchSessionRequest afterSeq */
                    afterSeq?: (number|Long|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a WatchSessionRequest. */
                type $Shape = toolfleet.session.v1.WatchSessionRequest.$Properties;
            }

            /**
             * Properties of a WatchSessionResponse.
             * @deprecated Use toolfleet.session.v1.WatchSessionResponse.$Properties instead.
             */
            interface IWatchSessionResponse extends toolfleet.session.v1.WatchSessionResponse.$Properties {
            }

            /** Represents a WatchSessionResponse. */
            class WatchSessionResponse {

                /** Reflection-backed declarations are not constructable. Use WatchSessionResponse.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** WatchSessionResponse event. */
                event?: (toolfleet.session.v1.SessionEvent.$Properties|null);

                /**
                 * Creates a new WatchSessionResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns WatchSessionResponse instance
                 */
                static create(properties: toolfleet.session.v1.WatchSessionResponse.$Shape): toolfleet.session.v1.WatchSessionResponse & toolfleet.session.v1.WatchSessionResponse.$Shape;
                static create(properties?: toolfleet.session.v1.WatchSessionResponse.$Properties): toolfleet.session.v1.WatchSessionResponse;

                /**
                 * Encodes the specified WatchSessionResponse message. Does not implicitly {@link toolfleet.session.v1.WatchSessionResponse.verify|verify} messages.
                 * @param message WatchSessionResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.WatchSessionResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified WatchSessionResponse message, length delimited. Does not implicitly {@link toolfleet.session.v1.WatchSessionResponse.verify|verify} messages.
                 * @param message WatchSessionResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.WatchSessionResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a WatchSessionResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.WatchSessionResponse & toolfleet.session.v1.WatchSessionResponse.$Shape} WatchSessionResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.WatchSessionResponse & toolfleet.session.v1.WatchSessionResponse.$Shape;

                /**
                 * Decodes a WatchSessionResponse message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.WatchSessionResponse & toolfleet.session.v1.WatchSessionResponse.$Shape} WatchSessionResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.WatchSessionResponse & toolfleet.session.v1.WatchSessionResponse.$Shape;

                /**
                 * Verifies a WatchSessionResponse message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a WatchSessionResponse message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns WatchSessionResponse
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.WatchSessionResponse;

                /**
                 * Creates a plain object from a WatchSessionResponse message. Also converts values to other types if specified.
                 * @param message WatchSessionResponse
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.WatchSessionResponse, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this WatchSessionResponse to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for WatchSessionResponse
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace WatchSessionResponse {

                /** Properties of a WatchSessionResponse. */
                interface $Properties {

                    /** WatchSessionResponse event */
                    event?: (toolfleet.session.v1.SessionEvent.$Properties|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a WatchSessionResponse. */
                type $Shape = {
                  event?: toolfleet.session.v1.SessionEvent.$Shape|null;
                  $unknowns?: Uint8Array[];
                };
            }

            /**
             * Properties of a CancelSessionRequest.
             * @deprecated Use toolfleet.session.v1.CancelSessionRequest.$Properties instead.
             */
            interface ICancelSessionRequest extends toolfleet.session.v1.CancelSessionRequest.$Properties {
            }

            /** Represents a CancelSessionRequest. */
            class CancelSessionRequest {

                /** Reflection-backed declarations are not constructable. Use CancelSessionRequest.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** CancelSessionRequest tenant. */
                tenant: string;

                /** CancelSessionRequest sessionId. */
                sessionId: string;

                /** CancelSessionRequest reason. */
                reason: string;

                /** CancelSessionRequest requestedBy. */
                requestedBy: string;

                /**
                 * Creates a new CancelSessionRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns CancelSessionRequest instance
                 */
                static create(properties: toolfleet.session.v1.CancelSessionRequest.$Shape): toolfleet.session.v1.CancelSessionRequest & toolfleet.session.v1.CancelSessionRequest.$Shape;
                static create(properties?: toolfleet.session.v1.CancelSessionRequest.$Properties): toolfleet.session.v1.CancelSessionRequest;

                /**
                 * Encodes the specified CancelSessionRequest message. Does not implicitly {@link toolfleet.session.v1.CancelSessionRequest.verify|verify} messages.
                 * @param message CancelSessionRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.CancelSessionRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified CancelSessionRequest message, length delimited. Does not implicitly {@link toolfleet.session.v1.CancelSessionRequest.verify|verify} messages.
                 * @param message CancelSessionRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.CancelSessionRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a CancelSessionRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.CancelSessionRequest & toolfleet.session.v1.CancelSessionRequest.$Shape} CancelSessionRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.CancelSessionRequest & toolfleet.session.v1.CancelSessionRequest.$Shape;

                /**
                 * Decodes a CancelSessionRequest message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.CancelSessionRequest & toolfleet.session.v1.CancelSessionRequest.$Shape} CancelSessionRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.CancelSessionRequest & toolfleet.session.v1.CancelSessionRequest.$Shape;

                /**
                 * Verifies a CancelSessionRequest message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a CancelSessionRequest message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns CancelSessionRequest
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.CancelSessionRequest;

                /**
                 * Creates a plain object from a CancelSessionRequest message. Also converts values to other types if specified.
                 * @param message CancelSessionRequest
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.CancelSessionRequest, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this CancelSessionRequest to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for CancelSessionRequest
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace CancelSessionRequest {

                /** Properties of a CancelSessionRequest. */
                interface $Properties {

                    /** CancelSessionRequest tenant */
                    tenant?: (string|null);

                    /** CancelSessionRequest sessionId */
                    sessionId?: (string|null);

                    /** CancelSessionRequest reason */
                    reason?: (string|null);

                    /** CancelSessionRequest requestedBy */
                    requestedBy?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a CancelSessionRequest. */
                type $Shape = toolfleet.session.v1.CancelSessionRequest.$Properties;
            }

            /**
             * Properties of a CancelSessionResponse.
             * @deprecated Use toolfleet.session.v1.CancelSessionResponse.$Properties instead.
             */
            interface ICancelSessionResponse extends toolfleet.session.v1.CancelSessionResponse.$Properties {
            }

            /** Represents a CancelSessionResponse. */
            class CancelSessionResponse {

                /** Reflection-backed declarations are not constructable. Use CancelSessionResponse.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /**
                 * Creates a new CancelSessionResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns CancelSessionResponse instance
                 */
                static create(properties: toolfleet.session.v1.CancelSessionResponse.$Shape): toolfleet.session.v1.CancelSessionResponse & toolfleet.session.v1.CancelSessionResponse.$Shape;
                static create(properties?: toolfleet.session.v1.CancelSessionResponse.$Properties): toolfleet.session.v1.CancelSessionResponse;

                /**
                 * Encodes the specified CancelSessionResponse message. Does not implicitly {@link toolfleet.session.v1.CancelSessionResponse.verify|verify} messages.
                 * @param message CancelSessionResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.CancelSessionResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified CancelSessionResponse message, length delimited. Does not implicitly {@link toolfleet.session.v1.CancelSessionResponse.verify|verify} messages.
                 * @param message CancelSessionResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.CancelSessionResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a CancelSessionResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.CancelSessionResponse & toolfleet.session.v1.CancelSessionResponse.$Shape} CancelSessionResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.CancelSessionResponse & toolfleet.session.v1.CancelSessionResponse.$Shape;

                /**
                 * Decodes a CancelSessionResponse message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.CancelSessionResponse & toolfleet.session.v1.CancelSessionResponse.$Shape} CancelSessionResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.CancelSessionResponse & toolfleet.session.v1.CancelSessionResponse.$Shape;

                /**
                 * Verifies a CancelSessionResponse message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a CancelSessionResponse message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns CancelSessionResponse
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.CancelSessionResponse;

                /**
                 * Creates a plain object from a CancelSessionResponse message. Also converts values to other types if specified.
                 * @param message CancelSessionResponse
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.CancelSessionResponse, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this CancelSessionResponse to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for CancelSessionResponse
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace CancelSessionResponse {

                /** Properties of a CancelSessionResponse. */
                interface $Properties {

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a CancelSessionResponse. */
                type $Shape = toolfleet.session.v1.CancelSessionResponse.$Properties;
            }

            /**
             * Properties of a SendMessageRequest.
             * @deprecated Use toolfleet.session.v1.SendMessageRequest.$Properties instead.
             */
            interface ISendMessageRequest extends toolfleet.session.v1.SendMessageRequest.$Properties {
            }

            /** Represents a SendMessageRequest. */
            class SendMessageRequest {

                /** Reflection-backed declarations are not constructable. Use SendMessageRequest.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** SendMessageRequest tenant. */
                tenant: string;

                /** SendMessageRequest sessionId. */
                sessionId: string;

                /** SendMessageRequest message. */
                message?: (toolfleet.session.v1.UserMessage.$Properties|null);

                /**
                 * Creates a new SendMessageRequest instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns SendMessageRequest instance
                 */
                static create(properties: toolfleet.session.v1.SendMessageRequest.$Shape): toolfleet.session.v1.SendMessageRequest & toolfleet.session.v1.SendMessageRequest.$Shape;
                static create(properties?: toolfleet.session.v1.SendMessageRequest.$Properties): toolfleet.session.v1.SendMessageRequest;

                /**
                 * Encodes the specified SendMessageRequest message. Does not implicitly {@link toolfleet.session.v1.SendMessageRequest.verify|verify} messages.
                 * @param message SendMessageRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.SendMessageRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified SendMessageRequest message, length delimited. Does not implicitly {@link toolfleet.session.v1.SendMessageRequest.verify|verify} messages.
                 * @param message SendMessageRequest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.SendMessageRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a SendMessageRequest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.SendMessageRequest & toolfleet.session.v1.SendMessageRequest.$Shape} SendMessageRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.SendMessageRequest & toolfleet.session.v1.SendMessageRequest.$Shape;

                /**
                 * Decodes a SendMessageRequest message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.SendMessageRequest & toolfleet.session.v1.SendMessageRequest.$Shape} SendMessageRequest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.SendMessageRequest & toolfleet.session.v1.SendMessageRequest.$Shape;

                /**
                 * Verifies a SendMessageRequest message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a SendMessageRequest message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns SendMessageRequest
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.SendMessageRequest;

                /**
                 * Creates a plain object from a SendMessageRequest message. Also converts values to other types if specified.
                 * @param message SendMessageRequest
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.SendMessageRequest, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this SendMessageRequest to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for SendMessageRequest
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace SendMessageRequest {

                /** Properties of a SendMessageRequest. */
                interface $Properties {

                    /** SendMessageRequest tenant */
                    tenant?: (string|null);

                    /** SendMessageRequest sessionId */
                    sessionId?: (string|null);

                    /** SendMessageRequest message */
                    message?: (toolfleet.session.v1.UserMessage.$Properties|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a SendMessageRequest. */
                type $Shape = toolfleet.session.v1.SendMessageRequest.$Properties;
            }

            /**
             * Properties of a SendMessageResponse.
             * @deprecated Use toolfleet.session.v1.SendMessageResponse.$Properties instead.
             */
            interface ISendMessageResponse extends toolfleet.session.v1.SendMessageResponse.$Properties {
            }

            /** Represents a SendMessageResponse. */
            class SendMessageResponse {

                /** Reflection-backed declarations are not constructable. Use SendMessageResponse.create(...) instead. */
                private constructor();

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /**
                 * Creates a new SendMessageResponse instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns SendMessageResponse instance
                 */
                static create(properties: toolfleet.session.v1.SendMessageResponse.$Shape): toolfleet.session.v1.SendMessageResponse & toolfleet.session.v1.SendMessageResponse.$Shape;
                static create(properties?: toolfleet.session.v1.SendMessageResponse.$Properties): toolfleet.session.v1.SendMessageResponse;

                /**
                 * Encodes the specified SendMessageResponse message. Does not implicitly {@link toolfleet.session.v1.SendMessageResponse.verify|verify} messages.
                 * @param message SendMessageResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: toolfleet.session.v1.SendMessageResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Encodes the specified SendMessageResponse message, length delimited. Does not implicitly {@link toolfleet.session.v1.SendMessageResponse.verify|verify} messages.
                 * @param message SendMessageResponse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encodeDelimited(message: toolfleet.session.v1.SendMessageResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a SendMessageResponse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {toolfleet.session.v1.SendMessageResponse & toolfleet.session.v1.SendMessageResponse.$Shape} SendMessageResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): toolfleet.session.v1.SendMessageResponse & toolfleet.session.v1.SendMessageResponse.$Shape;

                /**
                 * Decodes a SendMessageResponse message from the specified reader or buffer, length delimited.
                 * @param reader Reader or buffer to decode from
                 * @returns {toolfleet.session.v1.SendMessageResponse & toolfleet.session.v1.SendMessageResponse.$Shape} SendMessageResponse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decodeDelimited(reader: ($protobuf.Reader|Uint8Array)): toolfleet.session.v1.SendMessageResponse & toolfleet.session.v1.SendMessageResponse.$Shape;

                /**
                 * Verifies a SendMessageResponse message.
                 * @param message Plain object to verify
                 * @returns `null` if valid, otherwise the reason why it is not
                 */
                static verify(message: { [k: string]: any }): (string|null);

                /**
                 * Creates a SendMessageResponse message from a plain object. Also converts values to their respective internal types.
                 * @param object Plain object
                 * @returns SendMessageResponse
                 */
                static fromObject(object: { [k: string]: any }): toolfleet.session.v1.SendMessageResponse;

                /**
                 * Creates a plain object from a SendMessageResponse message. Also converts values to other types if specified.
                 * @param message SendMessageResponse
                 * @param [options] Conversion options
                 * @returns Plain object
                 */
                static toObject(message: toolfleet.session.v1.SendMessageResponse, options?: $protobuf.IConversionOptions): { [k: string]: any };

                /**
                 * Converts this SendMessageResponse to JSON.
                 * @returns JSON object
                 */
                toJSON(): { [k: string]: any };

                /**
                 * Gets the type url for SendMessageResponse
                 * @param [prefix] Custom type url prefix, defaults to `"type.googleapis.com"`
                 * @returns The type url
                 */
                static getTypeUrl(prefix?: string): string;
            }

            namespace SendMessageResponse {

                /** Properties of a SendMessageResponse. */
                interface $Properties {

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a SendMessageResponse. */
                type $Shape = toolfleet.session.v1.SendMessageResponse.$Properties;
            }
        }
    }
}

/** Reflected root namespace. */
declare const _default: $protobuf.Root;
export default _default;
