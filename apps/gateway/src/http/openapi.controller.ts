/** Serves the description of the HTTP API. */
import { Controller, Get } from '@nestjs/common';
import { openApiDocument } from './openapi.js';

@Controller()
export class OpenApiController {
  @Get('openapi.json')
  describe(): typeof openApiDocument {
    return openApiDocument;
  }
}
