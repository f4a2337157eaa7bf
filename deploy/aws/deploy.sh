#!/usr/bin/env bash
# Puts the prediction API on AWS: pushes the image, deploys the stacks, and asks for one prediction.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

usage() {
  cat <<'TEXT'
Usage: deploy/aws/deploy.sh [OPTION…] [PARAMETER=VALUE…]

Pushes an image to ECR, deploys deploy/aws/template.yaml and asks the new function for a prediction.
PARAMETER=VALUE goes to the template, e.g. UrlAuthType=NONE MemorySize=1024; others keep their last value.

  --stack NAME      stack and function [default: prediction-engine]
  --image IMAGE     image of Docker or podman, or a file as skopeo names it, e.g. docker-archive:image.tar
                    [default: prediction-engine:latest]
  --zip FILE        a zip file with `bootstrap` and `artifacts/` in place of an image; needs --bucket
  --bucket NAME     S3 bucket that the zip file is copied to
  --step STEP       push, deploy or smoke: only this one
  --endpoint URL    another address than that of AWS
  --help

Environment: AWS credentials and AWS_REGION as for the AWS CLI. HP_API_KEYS, comma-separated: only their digests
reach AWS, and the smoke test sends the first.
TEXT
}

fail() {
  echo "deploy.sh: $*" >&2
  exit 1
}

stack=prediction-engine
image=prediction-engine:latest
zip='' bucket='' step='' endpoint='' parameters=()
while [ $# -gt 0 ]; do
  case $1 in
    --help) usage && exit ;;
    --stack | --image | --zip | --bucket | --step | --endpoint)
      [ $# -ge 2 ] || fail "$1 needs a value"
      declare "${1#--}=$2"
      shift 2
      ;;
    [A-Z]*=*) parameters+=("$1") && shift ;;
    *) usage >&2 && fail "\`$1\` is not known" ;;
  esac
done
case $step in '' | push | deploy | smoke) ;; *) fail "\`$step\` is not a step: push, deploy or smoke" ;; esac
[ -z "$zip" ] || [ -n "$bucket" ] || fail "--zip needs --bucket"
for command in aws curl; do
  command -v $command >/dev/null || fail "\`$command\` is not installed"
done
region=${AWS_REGION:-${AWS_DEFAULT_REGION:-$(command aws configure get region || true)}}
[ -n "$region" ] || fail "no region; set AWS_REGION"
export AWS_REGION=$region AWS_DEFAULT_REGION=$region AWS_PAGER=''

aws() { command aws ${endpoint:+--endpoint-url "$endpoint"} "$@"; }

wants() { [ -z "$step" ] || [ "$step" = "$1" ]; }

# output STACK KEY: what a stack says of itself.
output() {
  aws cloudformation describe-stacks --stack-name "$1" --output text --query "Stacks[0].Outputs[?OutputKey=='$2'].OutputValue"
}

# deploy_stack NAME TEMPLATE [PARAMETER=VALUE…]: makes or updates it, and waits.
deploy_stack() {
  aws cloudformation deploy --stack-name "$1" --template-file "$here/$2" --capabilities CAPABILITY_IAM \
    --no-fail-on-empty-changeset ${3:+--parameter-overrides "${@:3}"} && return
  aws cloudformation describe-stack-events --stack-name "$1" --output text \
    --query "StackEvents[?contains(ResourceStatus, 'FAILED')].[LogicalResourceId, ResourceStatusReason]" >&2 || true
  fail "the stack \`$1\` was not deployed; its first failure is the last of those above"
}

# Copies the image to the repository under a tag of its own. The digest that it has there names it from now on.
push_image() {
  local uri registry name password
  deploy_stack "$stack-images" repository.yaml "RepositoryName=$stack"
  uri=$(output "$stack-images" RepositoryUri)
  registry=${uri%%/*}
  if [ -n "$endpoint" ]; then registry=${endpoint#*://}; fi
  name=$registry/${uri#*/}:$(date -u +%Y%m%dT%H%M%SZ)
  password=$(aws ecr get-login-password)
  if [[ $image =~ ^(docker-archive|oci-archive|oci|dir|docker-daemon|containers-storage): ]]; then
    command -v skopeo >/dev/null || fail "\`skopeo\` is not installed, and $image is for it"
    skopeo login --username AWS --password-stdin ${endpoint:+--tls-verify=false} "$registry" <<<"$password"
    skopeo copy ${endpoint:+--dest-tls-verify=false} "$image" "docker://$name"
  else
    local tool
    tool=$(image_tool)
    "$tool" login --username AWS --password-stdin "$registry" <<<"$password"
    "$tool" tag "$image" "$name"
    "$tool" push "$name"
  fi
  echo "pushed $name"
}

# Which of Docker and podman has the image.
image_tool() {
  local tool
  for tool in docker podman; do
    if command -v $tool >/dev/null && $tool image inspect "$image" >/dev/null 2>&1; then
      echo $tool
      return
    fi
  done
  fail "neither Docker nor podman has an image \`$image\`; build it, see deploy/docker/Dockerfile"
}

# The newest image of the repository, by digest: a new one is always seen as a change.
newest_image() {
  local digest
  digest=$(aws ecr describe-images --repository-name "$stack" --output text \
    --query 'sort_by(imageDetails[?imageTags], &imagePushedAt)[-1].imageDigest')
  [[ $digest == sha256:* ]] || fail "the repository \`$stack\` holds no image; push one"
  echo "$(output "$stack-images" RepositoryUri)@$digest"
}

# The digests of HP_API_KEYS; what is a digest already stays.
key_digests() {
  local key keys digests=()
  IFS=, read -ra keys <<<"$HP_API_KEYS"
  for key in "${keys[@]}"; do
    [[ $key == sha256:* ]] || key=sha256:$(printf %s "$key" | sha256sum | cut -d' ' -f1)
    digests+=("$key")
  done
  (IFS=, && echo "${digests[*]}")
}

deploy_function() {
  local code
  if [ -n "$zip" ]; then
    local key
    key=$stack/$(sha256sum "$zip" | cut -c1-16).zip
    aws s3 cp --only-show-errors "$zip" "s3://$bucket/$key"
    code=(ImageUri= "CodeBucket=$bucket" "CodeKey=$key")
  else
    code=("ImageUri=$(newest_image)")
  fi
  if [ -n "${HP_API_KEYS:-}" ]; then code+=("ApiKeys=$(key_digests)"); fi
  deploy_stack "$stack" template.yaml "${code[@]}" ${parameters[0]+"${parameters[@]}"}
  echo "deployed $(output "$stack" Url)"
}

# Asks for the prediction of the example row, and wants it logged. Secrets go to curl by a file that only it reads.
smoke_test() {
  local url host answer options=() secrets=''
  url=$(output "$stack" Url)
  host=${url#https://} host=${host%%/*}
  if [ -n "$endpoint" ]; then
    # The name leads to AWS; the function answers here.
    options+=(--connect-to "$host:80:${endpoint#*://}")
    url=http://$host/
  fi
  if [ -n "${HP_API_KEYS:-}" ]; then secrets+="header = \"x-api-key: ${HP_API_KEYS%%,*}\""$'\n'; fi
  if [ "$(output "$stack" UrlAuthType)" = AWS_IAM ]; then
    options+=(--aws-sigv4 "aws:amz:$region:lambda")
    secrets+=$(signing_credentials)
  fi
  answer=$(curl --silent --show-error --fail-with-body --max-time 30 --config <(echo "$secrets") "${options[@]}" \
    --request POST "${url}v1/predict" --header 'content-type: application/json' --data "@$here/../../input.json") \
    || fail "no prediction: $answer"
  case $answer in
    *'"Prediction"'*'"response":"Success add data to database!"'*) echo "$answer" ;;
    *) fail "not the answer that was expected: $answer" ;;
  esac
}

# The credentials of the AWS CLI, as options of curl. Its first major version can only tell those of the environment.
signing_credentials() (
  if [ -z "${AWS_ACCESS_KEY_ID:-}" ]; then
    exported=$(command aws configure export-credentials --format env-no-export) || fail "the AWS CLI has no credentials"
    eval "$exported"
  fi
  echo "user = \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\""
  if [ -n "${AWS_SESSION_TOKEN:-}" ]; then echo "header = \"x-amz-security-token: $AWS_SESSION_TOKEN\""; fi
)

if wants push && [ -z "$zip" ]; then push_image; fi
if wants deploy; then deploy_function; fi
if wants smoke; then smoke_test; fi
