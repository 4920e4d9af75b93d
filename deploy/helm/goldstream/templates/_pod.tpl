{{- /* Metadata and spec of a pod. Of a dict: root, role, args, port (its name), number, env and mount (YAML texts). */}}
{{- define "goldstream.pod" -}}
{{- $v := .root.Values -}}
{{- $of := get $v .role -}}
{{- $config := include "goldstream.config" .root | trim -}}
{{- $secrets := include "goldstream.secrets" .root | trim -}}
metadata:
  labels:
    {{- include "goldstream.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .role }}
    {{- with $v.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  annotations:
    # Settings are read at the start: other ones begin new pods.
    checksum/config: {{ sha256sum $config }}
    {{- with $v.podAnnotations }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  serviceAccountName: {{ include "goldstream.fullname" .root }}
  # Nothing here asks Kubernetes.
  automountServiceAccountToken: false
  # Else a Service named goldstream-kafka would give variables that look like settings.
  enableServiceLinks: false
  # A role ends within 10 s of SIGTERM; `serve` is asked for 5 s more, until nobody is sent there.
  terminationGracePeriodSeconds: 30
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    # Who may read the secrets.
    fsGroup: 10001
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: { type: RuntimeDefault }
  {{- with $v.image.pullSecrets }}
  imagePullSecrets: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with $v.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with $v.nodeSelector }}
  nodeSelector: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with $v.tolerations }}
  tolerations: {{ toYaml . | nindent 4 }}
  {{- end }}
  topologySpreadConstraints:
    {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "goldstream.selector" $.root | nindent 10 }}
          app.kubernetes.io/component: {{ $.role }}
    {{- end }}
  containers:
    - name: goldstream
      image: {{ include "goldstream.image" .root | quote }}
      imagePullPolicy: {{ $v.image.pullPolicy }}
      args: {{ toJson .args }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: { drop: [ALL] }
      ports:
        - { name: {{ .port }}, containerPort: {{ .number }} }
      # Servers are waited for, for as long as it takes; `serve` listens only once they answer.
      startupProbe:
        httpGet: { path: /healthz, port: {{ .port }} }
        periodSeconds: 5
        timeoutSeconds: 3
        failureThreshold: 720
      # Its loops turn. A server that is away makes nothing unhealthy.
      livenessProbe:
        httpGet: { path: /healthz, port: {{ .port }} }
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 3
      readinessProbe:
        httpGet: { path: /readyz, port: {{ .port }} }
        periodSeconds: 5
        timeoutSeconds: 5
        failureThreshold: 2
      {{- if eq .role "serve" }}
      # Balancers still send clients here for a moment.
      lifecycle: { preStop: { exec: { command: ["sleep", "5"] } } }
      {{- end }}
      resources: {{ toYaml $of.resources | nindent 8 }}
      env:
        - { name: GOLDSTREAM_KAFKA, value: {{ $v.kafka.brokers | quote }} }
        - { name: GOLDSTREAM_REDIS, value: {{ $v.redis.url | quote }} }
        - { name: GOLDSTREAM_PREFIX, value: {{ include "goldstream.prefix" .root | quote }} }
        - { name: GOLDSTREAM_PARTITIONS, value: {{ $v.partitions | quote }} }
        {{- with $v.replication }}
        - { name: GOLDSTREAM_REPLICATION, value: {{ . | quote }} }
        {{- end }}
        {{- with $v.minInsync }}
        - { name: GOLDSTREAM_MIN_INSYNC, value: {{ . | quote }} }
        {{- end }}
        {{- with $v.redis }}
        {{- if .password.secret }}
        - { name: GOLDSTREAM_REDIS_PASSWORD_FILE, value: /etc/goldstream/secrets/redis/password }
        {{- end }}
        {{- if .sentinelPassword.secret }}
        - { name: GOLDSTREAM_REDIS_SENTINEL_PASSWORD_FILE, value: /etc/goldstream/secrets/redis/sentinel-password }
        {{- end }}
        {{- if or .ca.secret .ca.configMap }}
        - { name: GOLDSTREAM_REDIS_CA_FILE, value: /etc/goldstream/secrets/redis/ca.crt }
        {{- end }}
        {{- if .certificate.secret }}
        - { name: GOLDSTREAM_REDIS_CERT_FILE, value: /etc/goldstream/secrets/redis/tls.crt }
        - { name: GOLDSTREAM_REDIS_KEY_FILE, value: /etc/goldstream/secrets/redis/tls.key }
        {{- end }}
        {{- end }}
        {{- if $v.token.secret }}
        - { name: GOLDSTREAM_TOKEN_FILE, value: /etc/goldstream/secrets/token }
        {{- else }}
        - { name: GOLDSTREAM_INSECURE_LISTEN, value: "true" }
        {{- end }}
        {{- if $config }}
        - { name: GOLDSTREAM_CONFIG, value: /etc/goldstream/goldstream.toml }
        {{- end }}
        {{- if and $v.otlp.url (ne .role "lake") }}
        - { name: GOLDSTREAM_OTLP, value: {{ $v.otlp.url | quote }} }
        - { name: GOLDSTREAM_OTLP_ONE_IN, value: {{ $v.otlp.oneIn | int64 | quote }} }
        {{- end }}
        - { name: GOLDSTREAM_LOG, value: {{ $v.log.level | quote }} }
        - { name: GOLDSTREAM_LOG_FORMAT, value: {{ $v.log.format | quote }} }
        # The one place to write: what `goldstream health` looks at, and other small files.
        - { name: TMPDIR, value: /run/goldstream }
        - { name: GOLDSTREAM_HEARTBEAT, value: /run/goldstream/heartbeat }
        {{- with .env }}{{ . | nindent 8 }}{{ end }}
      volumeMounts:
        - { name: run, mountPath: /run/goldstream }
        {{- if $config }}
        - { name: config, mountPath: /etc/goldstream/goldstream.toml, subPath: goldstream.toml, readOnly: true }
        {{- end }}
        {{- if $secrets }}
        - { name: secrets, mountPath: /etc/goldstream/secrets, readOnly: true }
        {{- end }}
        {{- if .mount }}
        - { name: shop, mountPath: /shop, readOnly: true }
        {{- end }}
  volumes:
    - { name: run, emptyDir: { medium: Memory, sizeLimit: 16Mi } }
    {{- if $config }}
    - { name: config, configMap: { name: {{ include "goldstream.fullname" .root }} } }
    {{- end }}
    {{- if $secrets }}
    - name: secrets
      projected:
        defaultMode: 0440
        sources: {{ $secrets | nindent 10 }}
    {{- end }}
    {{- if .mount }}
    - name: shop
      {{- toYaml .mount | nindent 6 }}
    {{- end }}
{{- end }}
