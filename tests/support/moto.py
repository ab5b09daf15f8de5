"""Asks the tests' S3 server with Amazon's own library. It carries out one command and prints one JSON text.

It prints nothing else. All input comes from the command line: ENDPOINT CERTIFICATE KEY_ID SECRET COMMAND ARGUMENT...
"""

import base64
import datetime
import json
import sys
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def client(service):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        verify=certificate,
        config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
    )


def setup():
    """Makes the only three calls that need no signature. From then on every request is checked."""
    iam = client("iam")
    iam.create_user(UserName="server")
    key = iam.create_access_key(UserName="server")["AccessKey"]
    iam.put_user_policy(UserName="server", PolicyName="all", PolicyDocument=json.dumps(POLICY))
    return [key["AccessKeyId"], key["SecretAccessKey"]]


def new_session(role):
    """Temporary credentials of a new role."""
    iam = client("iam")
    arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(POLICY))["Role"]["Arn"]
    iam.put_role_policy(RoleName=role, PolicyName="all", PolicyDocument=json.dumps(POLICY))
    keys = client("sts").assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"]
    return [keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]]


def objects(bucket):
    s3 = client("s3")

    def read(item):
        answer = s3.get_object(Bucket=bucket, Key=item["Key"])
        return {
            "key": item["Key"],
            "content_type": answer["ContentType"],
            "storage_class": answer.get("StorageClass", "STANDARD"),
            "metadata": answer["Metadata"],
            "content": base64.b64encode(answer["Body"].read()).decode(),
        }

    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    items = [item for page in pages for item in page.get("Contents", [])]
    # Several requests at a time, because client and server would otherwise spend their time waiting for each other.
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(read, items))


def uploads(bucket):
    return [upload["Key"] for upload in client("s3").list_multipart_uploads(Bucket=bucket).get("Uploads", [])]


def begin_upload(bucket, key):
    return client("s3").create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]


def create_keeping_bucket(bucket, kind):
    """A bucket that keeps what is deleted: `versions`, `suspended`, or with locks."""
    s3 = client("s3")
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=kind in ("legal-hold", "retention"))
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})


def keep(bucket, kind):
    """Does to the bucket, or to its objects, what its kind says."""
    s3 = client("s3")
    if kind == "suspended":
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    for version in s3.list_object_versions(Bucket=bucket).get("Versions", []):
        name = {"Bucket": bucket, "Key": version["Key"], "VersionId": version["VersionId"]}
        if kind == "legal-hold":
            s3.put_object_legal_hold(**name, LegalHold={"Status": "ON"})
        if kind == "retention":
            until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
            s3.put_object_retention(**name, Retention={"Mode": "COMPLIANCE", "RetainUntilDate": until})


def versions(bucket):
    return [version["Key"] for version in client("s3").list_object_versions(Bucket=bucket).get("Versions", [])]


COMMANDS = {
    "setup": setup,
    "new-session": new_session,
    "end-session": lambda role: client("iam").delete_role_policy(RoleName=role, PolicyName="all") and None,
    "create-bucket": lambda bucket: client("s3").create_bucket(Bucket=bucket) and None,
    "create-keeping-bucket": create_keeping_bucket,
    "keep": keep,
    "versions": versions,
    "objects": objects,
    "uploads": uploads,
    "begin-upload": begin_upload,
}

endpoint, certificate, key_id, secret, command, *arguments = sys.argv[1:]
certificate = certificate or None
print(json.dumps(COMMANDS[command](*arguments)))
