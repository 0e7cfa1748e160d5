/** Serves the description of the HTTP API. */
import { Controller, Get } from '@nestjs/common';
import { OpenToAll } from '@toolfleet/platform/identity';
import { openApiDocument } from './openapi.js';

@Controller()
export class OpenApiController {
  @Get('openapi.json')
  @OpenToAll('the same in every fleet, and no secret')
  describe(): typeof openApiDocument {
    return openApiDocument;
  }
}
