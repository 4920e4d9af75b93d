{{- define "goldstream.fullname" -}}
{{- $name := .Release.Name -}}
{{- if not (contains "goldstream" $name) }}{{ $name = printf "%s-goldstream" $name }}{{ end -}}
{{- default $name .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{- define "goldstream.selector" -}}
app.kubernetes.io/name: goldstream
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "goldstream.labels" -}}
{{ include "goldstream.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "goldstream.image" -}}
{{- with .Values.image -}}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end -}}
{{- end -}}
{{- end }}

{{- /* The demo's store has a prefix of its own, whatever role asks for it. */}}
{{- define "goldstream.prefix" -}}
{{- if and .Values.produce.enabled .Values.produce.demo }}{{ trimSuffix "-demo" .Values.prefix }}-demo{{ else }}{{ .Values.prefix }}{{ end -}}
{{- end }}

{{- /* The table [kafka] of goldstream.toml, or nothing. Texts of JSON are texts of TOML. */}}
{{- define "goldstream.kafka" -}}
{{- $kafka := dict -}}
{{- $at := "/etc/goldstream/secrets/kafka" -}}
{{- with .Values.kafka -}}
{{- if .password.secret }}{{ $_ := set $kafka "sasl.password.file" (printf "%s/password" $at) }}{{ end -}}
{{- if or .ca.secret .ca.configMap }}{{ $_ := set $kafka "ssl.ca.location" (printf "%s/ca.crt" $at) }}{{ end -}}
{{- if .certificate.secret -}}
{{- $_ := set $kafka "ssl.certificate.location" (printf "%s/tls.crt" $at) -}}
{{- $_ := set $kafka "ssl.key.location" (printf "%s/tls.key" $at) -}}
{{- end -}}
{{- $kafka = merge (deepCopy .config) $kafka -}}
{{- end -}}
{{- if $kafka -}}
[kafka]
{{- range $name, $value := $kafka }}
{{ toJson $name }} = {{ toJson $value }}
{{- end }}
{{- end -}}
{{- end }}

{{- /* goldstream.toml as a whole. */}}
{{- define "goldstream.config" -}}
{{- with .Values.config }}{{ trim . }}
{{ end -}}
{{- include "goldstream.kafka" . -}}
{{- end }}

{{- /* What no schema can say. */}}
{{- define "goldstream.check" -}}
{{- $v := .Values -}}
{{- if and (not $v.token.secret) (not $v.insecureListen) }}{{ fail "token.secret names no Secret: every pod listens beyond loopback. Give one (goldstream token makes a token), or insecureListen: true" }}{{ end -}}
{{- if and $v.produce.enabled (not $v.produce.demo) (not $v.produce.volume) }}{{ fail "produce.volume is empty: name the volume with the files, or produce.demo: true" }}{{ end -}}
{{- if and $v.lake.enabled (not $v.lake.address) }}{{ fail "lake.address is empty: s3://BUCKET/PREFIX" }}{{ end -}}
{{- if and $v.serve.ingress.enabled (not $v.token.secret) }}{{ fail "serve.ingress wants token.secret: without a token everybody before the cluster could write" }}{{ end -}}
{{- if and $v.serve.ingress.enabled (not $v.serve.ingress.host) }}{{ fail "serve.ingress.host is empty" }}{{ end -}}
{{- if and (contains "[kafka]" $v.config) (include "goldstream.kafka" .) }}{{ fail "config has a table [kafka], and kafka.config, kafka.password, kafka.ca or kafka.certificate would make a second one: give one of them" }}{{ end -}}
{{- range $stage := list "silver" "gold" -}}
{{- $of := get $v $stage -}}
{{- if gt (int $of.replicas) (int $v.partitions) }}{{ fail (printf "%s.replicas is %d, but of %d partitions so many pods have no work" $stage (int $of.replicas) (int $v.partitions)) }}{{ end -}}
{{- if and $of.autoscaling.enabled (gt (int $of.autoscaling.maxReplicas) (int $v.partitions)) }}{{ fail (printf "%s.autoscaling.maxReplicas is %d, but of %d partitions so many pods have no work" $stage (int $of.autoscaling.maxReplicas) (int $v.partitions)) }}{{ end -}}
{{- end -}}
{{- end }}

{{- /* One projected volume has every secret; where none is named there is no volume. */}}
{{- define "goldstream.secrets" -}}
{{- range $server := list "kafka" "redis" }}
{{- with get $.Values $server }}
{{- if .password.secret }}
- secret: { name: {{ .password.secret }}, items: [{ key: {{ .password.key }}, path: {{ $server }}/password }] }
{{- end }}
{{- if and .sentinelPassword .sentinelPassword.secret }}
- secret: { name: {{ .sentinelPassword.secret }}, items: [{ key: {{ .sentinelPassword.key }}, path: {{ $server }}/sentinel-password }] }
{{- end }}
{{- if .ca.secret }}
- secret: { name: {{ .ca.secret }}, items: [{ key: {{ .ca.key }}, path: {{ $server }}/ca.crt }] }
{{- else if .ca.configMap }}
- configMap: { name: {{ .ca.configMap }}, items: [{ key: {{ .ca.key }}, path: {{ $server }}/ca.crt }] }
{{- end }}
{{- if .certificate.secret }}
- secret: { name: {{ .certificate.secret }}, items: [{ key: tls.crt, path: {{ $server }}/tls.crt }, { key: tls.key, path: {{ $server }}/tls.key }] }
{{- end }}
{{- end }}
{{- end }}
{{- with .Values.token }}
{{- if .secret }}
- secret: { name: {{ .secret }}, items: [{ key: {{ .key }}, path: token }] }
{{- end }}
{{- end }}
{{- end }}
