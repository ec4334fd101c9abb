{{- define "ocx-tap.labels" -}}
app.kubernetes.io/name: ocx-operator
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "ocx-tap.selector" -}}
app.kubernetes.io/name: ocx-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "ocx-tap.operatorImage" -}}
{{ .Values.operator.image.repository }}:{{ .Values.operator.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "ocx-tap.agentImage" -}}
{{ .Values.agent.image.repository }}:{{ .Values.agent.image.tag | default .Chart.AppVersion }}
{{- end }}
