/** Probes and metrics of a process, whatever its roles. */
import { Controller, Get, Header, HttpCode, Inject, Res } from '@nestjs/common';
import { OpenToAll } from '../identity/caller-guard.js';
import { Health } from '../telemetry/health.js';
import { Metrics } from '../telemetry/metrics.js';

interface StatusResponse {
  status(code: number): this;
  json(body: unknown): void;
}

/** Kubelets and scrapers have no token; what is told holds no session and no name of a user. Network policies say who reaches it. */
const forProbes = 'probes and scrapers';

@Controller()
export class HealthController {
  constructor(
    @Inject(Health) private readonly health: Health,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  @Get('livez')
  @OpenToAll(forProbes)
  @HttpCode(200)
  live(@Res() response: StatusResponse): void {
    const report = this.health.report();
    response.status(report.live ? 200 : 503).json({ live: report.live, reason: report.reason });
  }

  @Get('readyz')
  @OpenToAll(forProbes)
  ready(@Res() response: StatusResponse): void {
    const report = this.health.report();
    response.status(report.ready ? 200 : 503).json(report);
  }

  @Get('metrics')
  @OpenToAll(forProbes)
  @Header('content-type', 'text/plain; version=0.0.4')
  scrape(): Promise<string> {
    return this.metrics.scrape();
  }
}
