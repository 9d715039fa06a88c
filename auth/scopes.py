"""The scopes of an access token, as data: each named for what it permits."""

from __future__ import annotations

from types import MappingProxyType

from huren.graph.model.text import Text

QUERY_ADHOC = "query:adhoc"
PRODUCT_READ = "product:read"
PRODUCT_WRITE = "product:write"
FOOTPRINT_READ = "footprint:read"
CERTIFICATE_READ = "certificate:read"
CERTIFICATE_WRITE = "certificate:write"
RECOGNITION_READ = "recognition:read"
DECISION_SEAL = "decision:seal"
RELEASE_WRITE = "release:write"
EXPORT_APPROVE = "export:approve"
AUDIT_READ = "audit:read"
REFERENCE_READ = "reference:read"
REFERENCE_WRITE = "reference:write"
EXCHANGE_ADMINISTER = "exchange:administer"

SCOPES = MappingProxyType(
    {
        QUERY_ADHOC: Text("发送自行编写的 GraphQL 文档", "send GraphQL documents of one's own"),
        PRODUCT_READ: Text("读取可见的产品", "read the products one may see"),
        PRODUCT_WRITE: Text(
            "登记本机构的产品、投入与清单", "register one's own products, inputs and inventories"
        ),
        FOOTPRINT_READ: Text("计算可见产品的碳足迹", "roll up the footprint of products one may see"),
        CERTIFICATE_READ: Text("读取证书及其状态", "read certificates and their status"),
        CERTIFICATE_WRITE: Text("登记证书及其状态变化", "register certificates and changes of their status"),
        RECOGNITION_READ: Text(
            "询问证书能否获认可及其理由", "ask whether a certificate is recognised, and why"
        ),
        DECISION_SEAL: Text("封存决定并取得签名", "seal decisions, and get them signed"),
        RELEASE_WRITE: Text(
            "发布本机构产品的碳足迹、授权他人查看",
            "release the footprints of one's own products, and grant sight of them",
        ),
        EXPORT_APPROVE: Text("审批碳足迹数据出境", "approve footprint data leaving the country"),
        AUDIT_READ: Text("读取审计日志与访问理由", "read the audit log, and why who may see what"),
        REFERENCE_READ: Text(
            "读取制度、规则、协议、地区与机构", "read schemes, rules, agreements, regions and organisations"
        ),
        REFERENCE_WRITE: Text(
            "登记制度、规则、协议、机构、目录与处罚",
            "state schemes, rules, agreements, bodies, categories and sanctions",
        ),
        EXCHANGE_ADMINISTER: Text("代表本交换平台查看所有机构的数据", "see the data of every organisation"),
    }
)
"""What each scope permits, in Chinese and English. A scope not listed here is never granted."""

ALL_SCOPES = frozenset(SCOPES)
MEMBER_SCOPES = ALL_SCOPES - {EXCHANGE_ADMINISTER, REFERENCE_WRITE, EXPORT_APPROVE, AUDIT_READ}
"""What an organisation other than the administrator holds unless it is given more."""
