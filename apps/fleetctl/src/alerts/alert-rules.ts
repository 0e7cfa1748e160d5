/**
 * What operators are woken or told for: the one table that `deploy/alerts/` is written from. A rule asks for what somebody can
 * do something about, by figures that a process of the fleet exposes, and its section in `docs/runbook.md` says what. Figures
 * that each process has for itself are added up or compared, so that one alert is one trouble.
 */
import { limits } from '@toolfleet/kernel';

export interface AlertRule {
  /** Of the alert, and of its section in the runbook. */
  readonly name: string;
  /** PromQL. */
  readonly expr: string;
  /** How long it must hold. */
  readonly lasts: string;
  /** `page`: somebody is woken. `ticket`: somebody looks on the next working day. */
  readonly severity: 'page' | 'ticket';
  readonly summary: string;
  readonly description: string;
}

export interface AlertGroup {
  readonly name: string;
  readonly rules: readonly AlertRule[];
}

/** Older than any wait that the fleet means to have: a broker restart takes 7 s, a take-over 10 s (measured). */
const standingSeconds = 60;
/** At 200 records a second and partition, what 10 minutes leave behind. */
const lagMax = 100_000;
const dayS = 86_400;

export const alertGroups: readonly AlertGroup[] = [
  {
    name: 'toolfleet-audit',
    rules: [
      {
        name: 'AuditNotStored',
        expr: 'sum(rate(toolfleet_audit_failures_total[5m])) > 0',
        lasts: '5m',
        severity: 'page',
        summary: 'Audit entries cannot be stored.',
        description:
          'Policy could not append to the audit for 5 minutes. Records wait on the topic and none is lost yet.',
      },
      {
        name: 'AuditBehind',
        expr: 'max by (group) (toolfleet_queue_age_seconds{group=~".+[.]policy[.]audit"}) > 300',
        lasts: '5m',
        severity: 'page',
        summary: 'The audit is {{ $value | humanizeDuration }} behind.',
        description: 'The oldest audit record that is not stored is older than 5 minutes.',
      },
    ],
  },
  {
    name: 'toolfleet-bus',
    rules: [
      {
        name: 'DeadLetters',
        expr: 'sum by (group) (increase(toolfleet_consumer_dead_lettered_total[15m])) > 0',
        lasts: '0m',
        severity: 'ticket',
        summary: '{{ $labels.group }} put records aside.',
        description:
          '{{ $value | humanize }} records of the last 15 minutes could not be handled and are dead letters.',
      },
      {
        name: 'ConsumerLag',
        expr: `sum by (group) (toolfleet_consumer_lag) > ${lagMax}`,
        lasts: '10m',
        severity: 'ticket',
        summary: '{{ $labels.group }} is {{ $value | humanize }} records behind.',
        description: 'Records arrive faster than this group works them off.',
      },
      {
        name: 'PartitionBlocked',
        expr: 'max by (group, topic) (toolfleet_consumer_blocked) == 1',
        lasts: '5m',
        severity: 'page',
        summary: 'What an operator holds of {{ $labels.topic }} stops all tenants.',
        description: 'Held records fill a partition, so nothing behind them is taken in either.',
      },
      {
        name: 'SessionsStand',
        expr: `max by (group, topic) (toolfleet_queue_age_seconds{topic=~".+[.]session[.].+"}) > ${standingSeconds}`,
        lasts: '5m',
        severity: 'page',
        summary: 'Sessions stand: {{ $labels.topic }} is {{ $value | humanizeDuration }} old.',
        description: 'The oldest unfinished record of {{ $labels.group }} is older than a restart of the broker takes.',
      },
    ],
  },
  {
    name: 'toolfleet-tools',
    rules: [
      {
        name: 'CallsTooOld',
        expr: `max by (group, topic) (toolfleet_queue_age_seconds{topic=~".+[.]toolcall[.].+"}) > ${limits.queueAgeTargetMs / 1_000}`,
        lasts: '2m',
        severity: 'page',
        summary: 'Calls on {{ $labels.topic }} wait {{ $value | humanizeDuration }}.',
        description: 'Executors shed calls of this class by their age, and models are told so.',
      },
      {
        name: 'BreakerOpen',
        expr: 'max by (upstream) (toolfleet_upstream_breaker_state{state="open"}) == 1',
        lasts: '10m',
        severity: 'ticket',
        summary: '{{ $labels.upstream }} is away.',
        description:
          'Its breaker is open for 10 minutes: calls are refused at once, and one now and then asks whether it is back.',
      },
      {
        name: 'BreakerForced',
        expr: 'max by (upstream, state) (toolfleet_upstream_breaker_state{state=~"forcedOpen|forcedClosed"}) == 1',
        lasts: '4h',
        severity: 'ticket',
        summary: 'Somebody holds the breaker of {{ $labels.upstream }}: {{ $labels.state }}.',
        description: 'While it is held, nothing looks at whether the upstream is well.',
      },
      {
        name: 'WritesOfUnknownEnd',
        expr: `max(toolfleet_effects_unknown) > 0 and max(toolfleet_effects_unknown_age_seconds) > ${dayS}`,
        lasts: '15m',
        severity: 'ticket',
        summary: '{{ $value | humanize }} writes are of unknown end.',
        description: 'The oldest is unknown for more than a day, so no declared read will say what became of it.',
      },
    ],
  },
  {
    name: 'toolfleet-control',
    rules: [
      {
        name: 'CallersRefused',
        expr: 'sum by (reason) (rate(toolfleet_callers_refused_total[5m])) > 1',
        lasts: '10m',
        severity: 'ticket',
        summary: 'Callers are refused: {{ $labels.reason }}.',
        description: '{{ $value | humanize }} callers a second are refused for who they are.',
      },
      {
        name: 'KillSwitchOn',
        expr: `max(toolfleet_kill_switch_age_seconds) > ${4 * 3_600}`,
        lasts: '5m',
        severity: 'ticket',
        summary: 'A kill switch is on for {{ $value | humanizeDuration }}.',
        description: 'Calls are stopped by a person, for longer than most incidents last.',
      },
      {
        name: 'RolloutTakenBack',
        expr: 'max by (rollout) (toolfleet_rollout_taken_back) > 0',
        lasts: '0m',
        severity: 'ticket',
        summary: 'The rollout {{ $labels.rollout }} is taken back.',
        description: 'A version failed too often or took too long, so new sessions are given the current one.',
      },
      {
        name: 'CatalogueRefused',
        expr: 'max(toolfleet_catalogue_problems) > 0',
        lasts: '10m',
        severity: 'ticket',
        summary: 'The catalogue is refused with {{ $value | humanize }} problems.',
        description: 'The catalogue before stays, and no change of any team goes live.',
      },
      {
        name: 'DatabasePoolWaits',
        expr: 'max by (instance) (toolfleet_database_waiting) > 0',
        lasts: '5m',
        severity: 'ticket',
        summary: 'Statements of {{ $labels.instance }} wait for a connection.',
        description: '{{ $value | humanize }} wait at the moment, and some did at each look for 5 minutes.',
      },
    ],
  },
];
